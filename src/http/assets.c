#include "http/assets.h"

const struct asset *asset_find(const struct asset *assets, size_t count, struct str path)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(path, str_of(assets[i].path)))
			return &assets[i];
	}
	return NULL;
}

/* "q=0", "q=0.000": not wanted (RFC 9110 12.4.2). */
static bool is_zero_weight(struct str weight)
{
	if (!str_starts_with(weight, STR("q=0")) && !str_starts_with(weight, STR("Q=0")))
		return false;
	for (size_t i = 3; i < weight.len; i++) {
		if (weight.data[i] != '.' && weight.data[i] != '0')
			return false;
	}
	return true;
}

static bool is_gzip_accepted(struct str accept)
{
	struct str item, coding;
	while (str_next(&accept, ',', &item)) {
		if (str_next(&item, ';', &coding) && str_eq_nocase(str_trim(coding), STR("gzip")))
			return !is_zero_weight(str_trim(item));
	}
	return false;
}

/* Weak comparison (RFC 9110 13.1.2): "W/" does not matter. */
static bool has_current(struct str if_none_match, struct str etag)
{
	struct str item;
	while (str_next(&if_none_match, ',', &item)) {
		item = str_trim(item);
		if (str_starts_with(item, STR("W/")))
			item = str_slice(item, 2, item.len);
		if (str_eq(item, etag) || str_eq(item, STR("*")))
			return true;
	}
	return false;
}

void asset_respond(const struct asset *asset, const struct request *req, struct response *res)
{
	struct str etag = str_of(asset->etag);
	res->is_cacheable = true;
	res->content_type = str_of(asset->content_type);
	response_header(res, "ETag", etag);
	if (!str_is_empty(asset->gzip))
		response_header(res, "Vary", STR("Accept-Encoding"));
	if (has_current(request_header(req, "If-None-Match"), etag)) {
		res->status = 304;
		return;
	}
	res->static_body = asset->identity;
	if (!str_is_empty(asset->gzip) &&
	    is_gzip_accepted(request_header(req, "Accept-Encoding"))) {
		res->static_body = asset->gzip;
		response_header(res, "Content-Encoding", STR("gzip"));
	}
}
