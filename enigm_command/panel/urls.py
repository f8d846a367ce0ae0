from django.urls import path

from . import first_steps, knows, overview, privacy, public, reports, servers, status, terms

urlpatterns = [
    path("", public.home, name="home"),
    path("j/<str:locator>/", public.join, name="join"),
    path("what-admins-see/", public.what_admins_see, name="what-admins-see"),
    path("knows/", knows.knows, name="knows"),
    path("knows.json", knows.knows_json, name="knows-json"),
    path("limits/", public.limits, name="limits"),
    path("get/", public.get, name="get"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("terms/", terms.terms, name="terms"),
    path("report-abuse/", public.report_abuse, name="report-abuse"),
    path(".well-known/security.txt", public.security_txt, name="security-txt"),
    path("servers/", servers.servers, name="servers"),
    path("servers/<uuid:server_id>/", overview.server, name="server"),
    path(
        "servers/<uuid:server_id>/first-steps/hiding/",
        first_steps.first_steps_hiding,
        name="first-steps-hiding",
    ),
    path("servers/<uuid:server_id>/knows/", knows.server_knows, name="server-knows"),
    path("content-policy-reports/", reports.content_policy_reports, name="content-policy-reports"),
    path("status/", status.status, name="status"),
    path("healthz", status.healthz, name="healthz"),
    path("readyz", status.readyz, name="readyz"),
]
