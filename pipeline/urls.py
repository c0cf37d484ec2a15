"""Addresses of the nights."""

from django.urls import path, register_converter

from common.converters import DayConverter
from pipeline import views

register_converter(DayConverter, "day")

tenant_urlpatterns = [
    path("nights/", views.nights, name="nights"),
    path("nights/<day:day>/again/", views.night_again, name="night_again"),
]
