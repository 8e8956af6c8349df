#include "http/range.h"

/* ---- lists of entity tags (RFC 9110 8.8.3) ---- */

/* Cuts the next tag off the list; false at its end, or where it is no list any more. */
static bool next_tag(struct str *list, struct str *ret_tag, bool *ret_is_weak)
{
	struct str s = *list;
	while (s.len > 0 && str_find_char(STR(" \t,"), s.data[0]) >= 0)
		s = str_slice(s, 1, s.len);
	*ret_is_weak = str_starts_with(s, STR("W/"));
	if (*ret_is_weak)
		s = str_slice(s, 2, s.len);
	if (!str_starts_with(s, STR("\"")))
		return false;
	ptrdiff_t end = str_find_char(str_slice(s, 1, s.len), '"');
	if (end < 0)
		return false;
	*ret_tag = str_slice(s, 0, (size_t)end + 2);
	*list = str_slice(s, (size_t)end + 2, s.len);
	return true;
}

static bool has_tag(struct str list, struct str etag, bool may_be_weak)
{
	struct str tag;
	bool is_weak;
	if (str_eq(str_trim(list), STR("*")))
		return true;
	while (next_tag(&list, &tag, &is_weak)) {
		if (str_eq(tag, etag) && (may_be_weak || !is_weak))
			return true;
	}
	return false;
}

/* ---- Range ---- */

/* More than there can be is as good as all there is. */
static bool parse_position(struct str digits, int64_t *ret)
{
	if (str_to_int(digits, ret))
		return true;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
	}
	*ret = INT64_MAX;
	return digits.len > 0;
}

/* The only range of a set; false: none, several, or in other units. */
static bool find_only(struct str value, struct str *ret)
{
	struct str unit, item;
	size_t count = 0;
	if (!str_next(&value, '=', &unit) || !str_eq_nocase(str_trim(unit), STR("bytes")))
		return false;
	while (str_next(&value, ',', &item)) {
		item = str_trim(item);
		if (item.len == 0)
			continue;
		*ret = item;
		count++;
	}
	return count == 1;
}

/* "5-9", "5-", "-5". False: not well-formed, which is as if nothing was asked for. */
static bool parse(struct str range, int64_t bytes, int64_t *ret_from, int64_t *ret_until)
{
	struct str first = STR_NONE;
	int64_t from = 0, last = INT64_MAX;
	if (str_find_char(range, '-') < 0)
		return false;
	str_next(&range, '-', &first);
	if (first.len == 0) {
		int64_t suffix;
		if (!parse_position(range, &suffix))
			return false;
		*ret_from = suffix < bytes ? bytes - suffix : 0;
		*ret_until = bytes;
		return true;
	}
	if (!parse_position(first, &from) || (range.len > 0 && !parse_position(range, &last)) ||
	    last < from)
		return false;
	*ret_from = from;
	*ret_until = last < bytes ? last + 1 : bytes;
	return true;
}

/* ---- the plan ---- */

static bool is_read(const struct request *req)
{
	return req->method == METHOD_GET || req->method == METHOD_HEAD;
}

/* 0: go on. */
static int judge_conditions(const struct request *req, struct str etag)
{
	struct str if_match = request_header_list(req, "If-Match");
	struct str if_none_match = request_header_list(req, "If-None-Match");
	if (if_match.len > 0 && !has_tag(if_match, etag, false))
		return 412;
	if (if_none_match.len > 0 && has_tag(if_none_match, etag, true))
		return is_read(req) ? 304 : 412;
	return 0;
}

static struct range_plan choose(const struct request *req, struct str etag, int64_t bytes)
{
	struct range_plan plan = {.status = judge_conditions(req, etag)};
	struct str if_range = request_header_list(req, "If-Range"), range;
	if (plan.status != 0)
		return plan;
	const struct range_plan whole = {.status = 200, .until = bytes};
	/* Of nothing there is no part. */
	bool is_wanted = is_read(req) && bytes > 0 &&
			 find_only(request_header_list(req, "Range"), &range) &&
			 (if_range.len == 0 || str_eq(if_range, etag));
	if (!is_wanted || !parse(range, bytes, &plan.from, &plan.until))
		return whole;
	if (plan.from >= plan.until)
		return (struct range_plan){.status = 416};
	plan.status = 206;
	return plan;
}

struct range_plan range_plan(const struct request *req, struct str etag, int64_t bytes,
			     struct response *res)
{
	struct range_plan plan = choose(req, etag, bytes);
	res->status = plan.status;
	response_header(res, "ETag", etag);
	response_header(res, "Accept-Ranges", STR("bytes"));
	if (plan.status == 206)
		response_header(res, "Content-Range",
				arena_printf(res->arena, "bytes %lld-%lld/%lld",
					     (long long)plan.from, (long long)plan.until - 1,
					     (long long)bytes));
	if (plan.status == 416)
		response_header(res, "Content-Range",
				arena_printf(res->arena, "bytes */%lld", (long long)bytes));
	return plan;
}
