#include "http/origin.h"

static size_t count_headers(const struct request *req, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < req->header_count; i++)
		count += str_eq_nocase(req->headers[i].name, str_of(name));
	return count;
}

static bool is_in_origin(struct str url, struct str origin)
{
	if (!str_starts_with(url, origin))
		return false;
	struct str rest = str_slice(url, origin.len, url.len);
	return rest.len == 0 || rest.data[0] == '/';
}

bool origin_is_own(const struct request *req, struct str public_origin)
{
	size_t sites = count_headers(req, "Sec-Fetch-Site");
	size_t origins = count_headers(req, "Origin");
	size_t referers = count_headers(req, "Referer");
	if (sites > 1 || origins > 1 || referers > 1 || str_is_empty(public_origin))
		return false;
	if (sites == 1) {
		/* "none": the person typed, bookmarked or reloaded it; no page can cause that. */
		struct str site = request_header(req, "Sec-Fetch-Site");
		return str_eq(site, STR("same-origin")) || str_eq(site, STR("none"));
	}
	if (origins == 1)
		return str_eq(request_header(req, "Origin"), public_origin);
	return referers == 1 && is_in_origin(request_header(req, "Referer"), public_origin);
}
