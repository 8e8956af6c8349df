#include "http/triage.h"

#include "base/limits.h"
#include "base/log.h"
#include "http/admission.h"
#include "http/head.h"

#include <stdatomic.h>

enum { RETRY_AFTER_S = 5 };

void triage_refuse(struct triage *triage, int status, enum err err)
{
	bool may_come_back = err == ERR_BUSY || err == ERR_UNAVAILABLE;
	triage->refusal.status = status;
	triage->refusal.err = err;
	triage->refusal.retry_after_s = may_come_back ? RETRY_AFTER_S : 0;
}

static bool is_refused(const struct triage *triage)
{
	return triage->refusal.status != 0;
}

static void find_asset(const struct request *req, struct triage *triage)
{
	bool is_read = req->method == METHOD_GET || req->method == METHOD_HEAD;
	triage->refusal.allowed = STR("GET, HEAD");
	if (!is_read)
		triage_refuse(triage, 405, ERR_INVALID);
	else if (triage->framing.has_body)
		triage_refuse(triage, 413, ERR_TOO_LARGE);
}

/* What the sink of a BODY_STREAM takes is its own matter. */
static bool is_too_large(const struct route *route, const struct framing *framing)
{
	if (route->body == BODY_STREAM)
		return false;
	return framing->content_length > (int64_t)route->body_max ||
	       (framing->is_chunked && route->body_max == 0);
}

/* For clients that can send nothing but GET and POST (tus 1.0, X-HTTP-Method-Override): the header
 * says the method, where a route has opted in. */
static const struct route *find_overridden(const struct site *site, struct request *req)
{
	struct str ignored, name = request_header(req, "X-HTTP-Method-Override");
	if (req->method != METHOD_POST || name.len == 0)
		return NULL;
	req->method = method_parse(name);
	const struct route *route = route_find(site, req, &ignored);
	req->is_overridden = route && route->may_override;
	if (req->is_overridden)
		return route;
	req->method = METHOD_POST;
	return NULL;
}

static void find_route(const struct site *site, struct request *req, struct triage *triage)
{
	triage->route = find_overridden(site, req);
	if (triage->route == NULL)
		triage->route = route_find(site, req, &triage->refusal.allowed);
	if (triage->route == NULL && triage->refusal.allowed.len > 0)
		triage_refuse(triage, 405, ERR_INVALID);
	else if (triage->route == NULL)
		triage_refuse(triage, 404, ERR_NOT_FOUND);
	else if (is_too_large(triage->route, &triage->framing))
		triage_refuse(triage, 413, ERR_TOO_LARGE);
}

static void find_handler(const struct site *site, struct request *req, struct triage *triage)
{
	triage->asset = asset_find(site->assets, site->asset_count, req->path);
	if (triage->asset)
		find_asset(req, triage);
	else
		find_route(site, req, triage);
}

/* A proxy adds its line to what the client sent, as HAProxy does, or its word to the line: so all
 * lines are read, from the right. */
static void believe_proxy(struct wire *wire, struct request *req)
{
	const struct networks *proxies = &wire->proxies;
	struct str forwarded_for = request_header_list(req, "X-Forwarded-For");
	if (!networks_have(proxies, req->remote)) {
		if (forwarded_for.len > 0 && proxy_is_loopback(req->remote) &&
		    !atomic_exchange(&wire->is_proxy_reported, true))
			log_event(LOG_WARN, "http.proxy_not_trusted",
				  LOG_STR("address", req->remote),
				  LOG_CSTR("setting", "trusted-proxies"));
		return;
	}
	struct str proto = proxy_last(request_header_list(req, "X-Forwarded-Proto"));
	req->is_tls = req->is_tls || str_eq(proto, STR("https"));
	req->remote = proxies_client(proxies, req->remote, forwarded_for);
}

static void expect_body(struct wire *wire, const struct request *req, struct triage *triage)
{
	const struct route *route = triage->route;
	const struct framing *framing = &triage->framing;
	bool may_be_large = route->body == BODY_STREAM || route->body_max > LIMIT_BODY_SMALL;
	bool is_large =
		may_be_large && (framing->is_chunked || framing->content_length > LIMIT_BODY_SMALL);
	budget_open(&triage->body, is_large, &wire->proxies, req->remote);
	if (route->body == BODY_STREAM)
		return;
	if (is_large && !admission_is_thinkable(route, req))
		triage_refuse(triage, 401, ERR_DENIED);
	else if (!budget_reserve(&wire->bodies, &triage->body, framing->content_length))
		triage_refuse(triage, 503, ERR_BUSY);
}

void triage_header(struct wire *wire, struct message_head *head, struct request *req,
		   struct triage *ret)
{
	int status = guard_refusal(head, &ret->framing);
	if (status == 0 && !guard_is_contiguous(head))
		status = 400;
	ret->is_unframed = status != 0;
	head_trim(head);
	believe_proxy(wire, req);
	req->method = method_parse(head->method);
	head_split_target(head->target, &req->path, &req->query);
	ret->refusal.surface = dispatch_surface(wire->site, req->path);
	if (status != 0)
		triage_refuse(ret, status,
			      status == 431 || status == 414 ? ERR_TOO_LARGE : ERR_INVALID);
	else
		find_handler(wire->site, req, ret);
	if (ret->framing.has_body && !is_refused(ret))
		expect_body(wire, req, ret);
}
