"""The Celery application."""

import os

from celery import Celery
from celery.signals import worker_init

from csplatform.startup import end_with_powerful_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
app = Celery("csplatform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule_filename = os.path.join(os.environ.get("CSPLATFORM_HOME", ".csplatform"), "beat")
app.autodiscover_tasks()
worker_init.connect(end_with_powerful_role, dispatch_uid="refuse_powerful_role")
