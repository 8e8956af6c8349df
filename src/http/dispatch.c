#include "http/dispatch.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/cx.h"
#include "core/session.h"
#include "http/admission.h"
#include "http/security.h"
#include "http/token.h"

/* What a refusal may take more when the request has used up its own memory. */
enum { REFUSAL_ARENA_BYTES = 1 << 20 };

int dispatch_status(enum err err)
{
	static const int statuses[] = {
		[OK] = 200,           [ERR_INVALID] = 400,
		[ERR_DENIED] = 403,   [ERR_NOT_FOUND] = 404,
		[ERR_CONFLICT] = 409, [ERR_TOO_LARGE] = 413,
		[ERR_BUSY] = 429,     [ERR_UNAVAILABLE] = 503,
		[ERR_CORRUPT] = 500,  [ERR_INTERNAL] = 500,
	};
	return (size_t)err < sizeof(statuses) / sizeof(statuses[0]) ? statuses[err] : 500;
}

/* How errors are told there. */
static enum surface told_as(enum surface surface)
{
	return surface == SURFACE_API_OR_COOKIE ? SURFACE_API : surface;
}

static struct str first_segment(struct str path)
{
	struct str rest = str_slice(path, 1, path.len);
	struct str segment = STR_NONE;
	return str_next(&rest, '/', &segment) ? segment : STR_NONE;
}

enum surface dispatch_surface(const struct site *site, struct str path)
{
	struct str wanted = first_segment(path);
	for (size_t i = 0; i < site->route_count; i++) {
		if (str_eq(first_segment(str_of(site->routes[i].path)), wanted))
			return told_as(site->routes[i].surface);
	}
	return SURFACE_PAGE;
}

static struct cx make_cx(const struct site *site, const struct request *req)
{
	struct str languages = request_header(req, "Accept-Language");
	struct str first = STR_NONE, tag = STR_NONE;
	if (str_next(&languages, ',', &first) && str_next(&first, ';', &tag))
		tag = str_trim(tag);
	return (struct cx){
		.arena = req->arena,
		.portal = site->portal,
		.language = language_find(tag),
		.request_id = req->id,
		.remote = req->remote,
	};
}

static void start_over(struct response *res)
{
	buf_clear(&res->body);
	stream_source_release(res->stream);
	body_sink_release(res->sink);
	res->stream = NULL;
	res->sink = NULL;
	res->static_body = STR_NONE;
	res->content_type = STR("text/html; charset=utf-8");
	res->header_count = 0;
	res->is_cacheable = false;
}

static bool is_sendable(const struct response *res)
{
	if (res->arena->failed || res->body.err != OK || !token_is_value(res->content_type))
		return false;
	for (size_t i = 0; i < res->header_count; i++) {
		if (!token_is_valid(res->headers[i].name) || !token_is_value(res->headers[i].value))
			return false;
	}
	return true;
}

static void refuse(struct cx *cx, const struct site *site, const struct refusal *refusal,
		   struct request *req, struct response *res)
{
	if (res->arena->failed) {
		res->arena->failed = false;
		res->arena->max_bytes += REFUSAL_ARENA_BYTES;
		res->headers = NULL;
		res->header_capacity = 0;
	}
	start_over(res);
	res->status = refusal->status;
	site->refuse(cx, req, res, refusal->surface, refusal->err);
	if (!is_sendable(res)) {
		log_event(LOG_ERROR, "http.refusal_failed", LOG_INT("status", refusal->status));
		start_over(res);
		res->status = refusal->status;
	}
	if (!str_is_empty(refusal->allowed))
		response_header(res, "Allow", refusal->allowed);
	if (refusal->retry_after_s > 0)
		response_header(res, "Retry-After",
				arena_printf(res->arena, "%d", refusal->retry_after_s));
	if (refusal->status == 401)
		response_header(res, "WWW-Authenticate", STR("Bearer"));
}

void dispatch_refuse(const struct site *site, const struct refusal *refusal, struct request *req,
		     struct response *res)
{
	struct cx cx = make_cx(site, req);
	if (refusal->status == 401 && refusal->surface == SURFACE_PAGE)
		site->ask_to_sign_in(&cx, req, res);
	else
		refuse(&cx, site, refusal, req, res);
	security_headers(site, req, res);
}

static enum err run(struct cx *cx, const struct site *site, const struct route *route,
		    const struct request *req, struct response *res, int *ret_status)
{
	enum err err = admission_judge(cx, site, route, req, ret_status);
	if (*ret_status == 401 && route->surface == SURFACE_PAGE) {
		*ret_status = 0;
		site->ask_to_sign_in(cx, req, res);
		return is_sendable(res) ? OK : ERR_INTERNAL;
	}
	TRY(err);
	if (cx->session && !str_is_empty(cx->session->user.language))
		cx->language = language_find(cx->session->user.language);
	TRY(route->handle(cx, req, res));
	if (!is_sendable(res)) {
		log_event(LOG_ERROR, "http.answer_unsendable", LOG_CSTR("route", route->path));
		return ERR_INTERNAL;
	}
	return res->sink && route->body != BODY_STREAM ? ERR_INTERNAL : OK;
}

static void refuse_for(struct cx *cx, const struct site *site, const struct route *route,
		       int status, enum err err, struct request *req, struct response *res)
{
	const struct refusal refusal = {
		.status = status ? status : dispatch_status(err),
		.err = err,
		.surface = told_as(route->surface),
		.retry_after_s = err == ERR_BUSY || err == ERR_UNAVAILABLE ? 5 : 0,
	};
	refuse(cx, site, &refusal, req, res);
}

static void end(struct cx *cx, const struct site *site, const struct request *req,
		struct response *res)
{
	security_headers(site, req, res);
	session_release(cx->session);
	cx->session = NULL;
}

bool dispatch_begin(const struct site *site, const struct route *route, struct request *req,
		    struct response *res, struct cx *ret)
{
	int status = 0;
	*ret = make_cx(site, req);
	ret->route = route->path;
	ret->is_background =
		route->is_background || request_header(req, "Postern-Background").len > 0;
	enum err err = run(ret, site, route, req, res, &status);
	if (err != OK)
		refuse_for(ret, site, route, status, err, req, res);
	if (res->sink)
		return true;
	end(ret, site, req, res);
	return false;
}

void dispatch_finish(const struct site *site, const struct route *route, struct cx *cx,
		     const struct sink_outcome *outcome, struct request *req, struct response *res)
{
	struct body_sink *sink = outcome->sink;
	enum err err = sink->finish(sink, outcome->how, outcome->taken, cx, req, res);
	if (err == OK && !is_sendable(res)) {
		log_event(LOG_ERROR, "http.answer_unsendable", LOG_CSTR("route", route->path));
		err = ERR_INTERNAL;
	}
	if (err != OK)
		refuse_for(cx, site, route, 0, err, req, res);
	end(cx, site, req, res);
	body_sink_release(sink);
}

void dispatch_cut(const struct site *site, const struct sink_outcome *outcome,
		  struct str request_id, struct str remote)
{
	struct body_sink *sink = outcome->sink;
	CLEANUP_ARENA struct arena arena;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	struct cx cx = {
		.arena = &arena,
		.portal = site->portal,
		.language = language_find(STR_NONE),
		.request_id = request_id,
		.remote = remote,
	};
	enum err err = sink->finish(sink, SINK_CUT, outcome->taken, &cx, NULL, NULL);
	if (err != OK)
		log_event(LOG_WARN, "http.cut_unsettled", LOG_CSTR("err", err_name(err)));
	body_sink_release(sink);
}

/* A body that is there already, in the pieces that it would have come in. */
static enum err give_whole(struct body_sink *sink, struct str body)
{
	sink->arrived_bytes = body.len;
	while (body.len > 0) {
		TRY(sink->take(sink, str_slice(body, 0, sink->piece_bytes)));
		body = str_slice(body, sink->piece_bytes, body.len);
	}
	return OK;
}

void dispatch(const struct site *site, const struct route *route, struct request *req,
	      struct response *res)
{
	struct cx cx;
	if (!dispatch_begin(site, route, req, res, &cx))
		return;
	struct sink_outcome outcome = {.sink = res->sink, .how = SINK_WHOLE};
	res->sink = NULL;
	outcome.taken = give_whole(outcome.sink, req->body);
	if (outcome.taken != OK)
		outcome.how = SINK_FULL;
	dispatch_finish(site, route, &cx, &outcome, req, res);
}
