"""Addresses of Today, Portfolio, the account page and the palette."""

from django.urls import path

from portfolio.views import account, capacity, gap, group, heat, levels, menus, palette, people, table, today

tenant_urlpatterns = [
    path("", today.today, name="today"),
    path("today/seen/", today.today_seen, name="today_seen"),
    path("today/<int:pk>/row/", today.today_row, name="today_row"),
    path("today/<int:pk>/<slug:act>/", today.today_do, name="today_do"),
    path("portfolio/", table.portfolio, name="portfolio"),
    path("portfolio/export/", table.export, name="portfolio_export"),
    path("portfolio/bulk/", menus.bulk_menu, name="portfolio_bulk"),
    path("portfolio/columns/", menus.column_chooser, name="portfolio_columns"),
    path("portfolio/filters/", menus.filter_menu, name="portfolio_filters"),
    path("portfolio/<int:pk>/row/", table.portfolio_row, name="portfolio_row"),
    path("portfolio/<int:pk>/peek/", table.peek, name="portfolio_peek"),
    path("account/<int:pk>/", account.account, name="account"),
    path("account/<int:pk>/charts/", account.account_charts, name="account_charts"),
    path("account/<int:pk>/history/<slug:kind>.csv", account.history_csv, name="account_history"),
    path("account/<int:pk>/timeline/", people.timeline, name="account_timeline"),
    path("account/<int:pk>/compare/", people.compare, name="account_compare"),
    path("account/<int:pk>/group/", group.account_group, name="account_group"),
    path("account/<int:pk>/gap/", gap.account_gap, name="account_gap"),
    path("scorecard/heat/", heat.heat, name="heat"),
    path("levels/", levels.levels, name="levels"),
    path("levels/data.csv", levels.levels_csv, name="levels_csv"),
    path("capacity/", capacity.capacity, name="capacity"),
    path("capacity/data.csv", capacity.capacity_csv, name="capacity_csv"),
    path("capacity/move/", capacity.capacity_move, name="capacity_move"),
    path("capacity/sides/", capacity.capacity_sides, name="capacity_sides"),
    path("capacity/targets/", capacity.capacity_targets, name="capacity_targets"),
    path("palette", palette.palette, name="palette"),
]
