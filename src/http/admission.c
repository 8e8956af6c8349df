#include "http/admission.h"

#include "base/log.h"
#include "core/policy.h"
#include "core/session.h"
#include "http/origin.h"

/* What is looked at to find out who it is. */
static enum surface proven_by(const struct route *route, const struct request *req)
{
	if (route->surface != SURFACE_API_OR_COOKIE)
		return route->surface;
	return request_header(req, "Authorization").len > 0 ? SURFACE_API : SURFACE_PAGE;
}

bool admission_is_thinkable(const struct route *route, const struct request *req)
{
	const char *header = proven_by(route, req) == SURFACE_PAGE ? "Cookie" : "Authorization";
	return route->access == ACCESS_ANYONE || request_header(req, header).len > 0;
}

static bool is_unsafe(const struct request *req)
{
	bool is_safe = req->method == METHOD_GET || req->method == METHOD_HEAD ||
		       req->method == METHOD_OPTIONS;
	return !is_safe || req->is_overridden;
}

/* Another site's page makes a browser change something here. */
static bool is_cross_site(const struct site *site, const struct route *route,
			  const struct request *req)
{
	bool is_by_cookie =
		route->surface == SURFACE_PAGE ||
		(proven_by(route, req) == SURFACE_PAGE && request_header(req, "Cookie").len > 0);
	return is_by_cookie && is_unsafe(req) && !origin_is_own(req, site->public_origin);
}

static bool is_content_type(const struct request *req, struct str wanted)
{
	struct str value = request_header(req, "Content-Type");
	struct str type;
	return str_next(&value, ';', &type) && str_eq_nocase(str_trim(type), wanted);
}

static bool has_right_body(const struct route *route, const struct request *req)
{
	if (route->body == BODY_FORM)
		return is_content_type(req, STR("application/x-www-form-urlencoded"));
	if (route->body == BODY_JSON || (route->body == BODY_JSON_OR_NONE && req->body.len > 0))
		return is_content_type(req, STR("application/json"));
	return true;
}

/* What can be judged before asking who it is. 0 when nothing speaks against it. */
static int early_refusal(const struct site *site, const struct route *route,
			 const struct request *req)
{
	if (route->access == ACCESS_UNSTATED)
		return 500;
	if (is_cross_site(site, route, req)) {
		log_event(LOG_WARN, "http.cross_site_refused", LOG_CSTR("route", route->path));
		return 403;
	}
	if (req->body.len > route->body_max && route->body != BODY_STREAM)
		return 413;
	return has_right_body(route, req) ? 0 : 415;
}

static enum err err_of_status(int status)
{
	switch (status) {
	case 401:
	case 403: return ERR_DENIED;
	case 413: return ERR_TOO_LARGE;
	case 500: return ERR_INTERNAL;
	default: return ERR_INVALID;
	}
}

static enum err admit(struct cx *cx, const struct site *site, const struct route *route,
		      const struct request *req, int *ret_status)
{
	enum surface proof = proven_by(route, req);
	bool is_cookie_of_others = route->surface == SURFACE_API_OR_COOKIE &&
				   proof == SURFACE_PAGE &&
				   !origin_is_own(req, site->public_origin);
	if (!is_cookie_of_others)
		TRY(site->authenticate(cx, req, proof));
	if (cx->session == NULL && route->access != ACCESS_ANYONE) {
		*ret_status = 401;
		return ERR_DENIED;
	}
	if (route->access == ACCESS_ADMINISTRATOR && !policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	return settings_have(cx->portal->settings, route->feature) ? OK : ERR_NOT_FOUND;
}

enum err admission_judge(struct cx *cx, const struct site *site, const struct route *route,
			 const struct request *req, int *ret_status)
{
	int status = early_refusal(site, route, req);
	if (status == 0)
		return admit(cx, site, route, req, ret_status);
	*ret_status = status;
	return err_of_status(status);
}
