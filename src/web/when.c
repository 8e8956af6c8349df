#include "web/when.h"

#include <time.h>

static struct str zone_of(const struct cx *cx)
{
	return cx->session ? cx->session->user.zone : STR_NONE;
}

struct str when_zone(const struct cx *cx)
{
	struct str zone = zone_of(cx);
	return zone.len > 0 ? zone : STR("UTC");
}

struct str when_long(struct cx *cx, int64_t ms)
{
	return format_date_time(cx->arena, cx->language, zone_of(cx), ms);
}

struct str when_short(struct cx *cx, int64_t ms)
{
	return format_date_short(cx->arena, cx->language, zone_of(cx), ms, cx_now_ms(cx));
}

struct str when_iso(struct cx *cx, int64_t ms)
{
	time_t seconds = ms / 1000;
	struct tm tm;
	char text[32];
	if (gmtime_r(&seconds, &tm) == NULL)
		return STR_NONE;
	size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_copy(cx->arena, str_bytes(text, len));
}
