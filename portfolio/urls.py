"""Addresses of Today, Portfolio, the account page and the palette."""

from django.urls import path

from portfolio.views import account, palette, table, today

tenant_urlpatterns = [
    path("", today.today, name="today"),
    path("portfolio/", table.portfolio, name="portfolio"),
    path("portfolio/export/", table.export, name="portfolio_export"),
    path("portfolio/columns/", table.column_chooser, name="portfolio_columns"),
    path("portfolio/<int:pk>/row/", table.portfolio_row, name="portfolio_row"),
    path("portfolio/<int:pk>/peek/", table.peek, name="portfolio_peek"),
    path("account/<int:pk>/", account.account, name="account"),
    path("account/<int:pk>/history/<slug:kind>.csv", account.history_csv, name="account_history"),
    path("palette", palette.palette, name="palette"),
]
