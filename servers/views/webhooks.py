"""Where payment providers speak to us. Nothing here reads a cookie: a signature is the sign-in."""

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from enigm_command.lib.http import public


@csrf_exempt
@public
@require_POST
def stripe(request: HttpRequest) -> JsonResponse:
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    from servers.purchase import webhooks  # Stripe's SDK is there only where it is used

    try:
        event = webhooks.read(request.body, request.headers.get("Stripe-Signature", ""))
        webhooks.take_in(event)
    except webhooks.Untrusted:
        return JsonResponse({"taken_in": False}, status=400)
    except (webhooks.TooEarly, webhooks.Unreachable):
        return JsonResponse({"taken_in": False}, status=503)
    return JsonResponse({"taken_in": True})
