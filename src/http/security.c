#include "http/security.h"

static const struct header always[] = {
	{STR("Content-Security-Policy"), STR(SECURITY_CSP)},
	{STR("X-Content-Type-Options"), STR("nosniff")},
	/* Not no-referrer: see origin.h. Links in paths stay on this origin either way. */
	{STR("Referrer-Policy"), STR("same-origin")},
	{STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
	{STR("Cross-Origin-Resource-Policy"), STR("same-origin")},
	{STR("Permissions-Policy"),
	 STR("camera=(), geolocation=(), microphone=(), payment=(), usb=()")},
};

static bool has_header(const struct response *res, struct str name)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (str_eq_nocase(res->headers[i].name, name))
			return true;
	}
	return false;
}

void security_headers(const struct site *site, const struct request *req, struct response *res)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if (!has_header(res, always[i].name))
			response_header(res, always[i].name.data, always[i].value);
	}
	if (site->is_https)
		response_header(res, "Strict-Transport-Security",
				STR("max-age=31536000; includeSubDomains"));
	if (!has_header(res, STR("Cache-Control")))
		response_header(res, "Cache-Control",
				res->is_cacheable ? STR("public, max-age=31536000, immutable")
						  : STR("no-store"));
	/* nginx would put what its reader is too slow for into a file, in the clear (P5.2). */
	if (res->stream && !has_header(res, STR("X-Accel-Buffering")))
		response_header(res, "X-Accel-Buffering", STR("no"));
	response_header(res, "X-Request-Id", req->id);
}
