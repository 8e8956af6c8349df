#include "http/route.h"

#include "base/encode.h"
#include "base/log.h"

static bool is_param(struct str segment)
{
	return segment.len > 2 && segment.data[0] == '{' && segment.data[segment.len - 1] == '}';
}

/* A decoded segment that could be mistaken for structure is no value: "%2e%2e", "a%2Fb". */
static bool is_plain_value(struct str value)
{
	return value.len > 0 && !str_eq(value, STR(".")) && !str_eq(value, STR("..")) &&
	       str_find_char(value, '/') < 0 && str_find_char(value, '\\') < 0;
}

/* The raw values of the {...} parts go to params. *ret_literals has a bit for each literal segment,
 * the first one highest, so that of two patterns that match the greater is the more exact. */
static bool is_match(struct str pattern, struct str path, struct str params[PATH_PARAMS_MAX],
		     uint32_t *ret_literals)
{
	size_t count = 0;
	uint32_t literals = 0, bit = UINT32_C(1) << 31;
	struct str wanted, given;
	pattern = str_slice(pattern, 1, pattern.len);
	path = str_slice(path, 1, path.len);
	for (;; bit >>= 1) {
		bool has_wanted = str_next(&pattern, '/', &wanted);
		if (has_wanted != str_next(&path, '/', &given))
			return false;
		if (!has_wanted)
			break;
		if (is_param(wanted) && count < PATH_PARAMS_MAX && given.len > 0)
			params[count++] = given;
		else if (str_eq(wanted, given))
			literals |= bit;
		else
			return false;
	}
	*ret_literals = literals;
	return true;
}

static bool decode_params(struct request *req, const struct str raw[PATH_PARAMS_MAX])
{
	for (size_t i = 0; i < PATH_PARAMS_MAX; i++) {
		req->params[i] = STR_NONE;
		if (raw[i].len == 0)
			continue;
		if (decode_url(req->arena, raw[i], false, &req->params[i]) != OK ||
		    !is_plain_value(req->params[i]))
			return false;
	}
	return true;
}

static struct str list_methods(struct arena *arena, unsigned methods)
{
	struct str list = STR("");
	if (methods & 1U << METHOD_GET)
		methods |= 1U << METHOD_HEAD;
	for (int m = 0; m < METHOD_OTHER; m++) {
		if (methods & 1U << m)
			list = arena_printf(arena, "%.*s%s%s", STR_ARGS(list), list.len ? ", " : "",
					    method_name(m).data);
	}
	return list;
}

static bool answers(const struct route *route, enum method method)
{
	return route->method == method || (method == METHOD_HEAD && route->method == METHOD_GET);
}

const struct route *route_find(const struct site *site, struct request *req,
			       struct str *ret_allowed)
{
	const struct route *found = NULL;
	struct str found_params[PATH_PARAMS_MAX] = {0};
	uint32_t found_literals = 0;
	unsigned methods = 0;
	for (size_t i = 0; i < site->route_count; i++) {
		const struct route *route = &site->routes[i];
		struct str params[PATH_PARAMS_MAX] = {0};
		uint32_t literals;
		if (!is_match(str_of(route->path), req->path, params, &literals))
			continue;
		methods |= 1U << route->method;
		if (!answers(route, req->method))
			continue;
		/* Of two of the same path, one says HEAD itself. */
		bool is_better = !found || literals > found_literals ||
				 (literals == found_literals && route->method == METHOD_HEAD);
		if (!is_better)
			continue;
		found = route;
		found_literals = literals;
		for (size_t p = 0; p < PATH_PARAMS_MAX; p++)
			found_params[p] = params[p];
	}
	*ret_allowed = STR_NONE;
	if (found)
		return decode_params(req, found_params) ? found : NULL;
	*ret_allowed = list_methods(req->arena, methods);
	return NULL;
}

static bool is_well_formed(const struct route *route)
{
	struct str path = str_of(route->path);
	size_t params = 0;
	struct str segment;
	if (!str_starts_with(path, STR("/")))
		return false;
	path = str_slice(path, 1, path.len);
	while (path.len > 0 && str_next(&path, '/', &segment)) {
		bool has_brace =
			str_find_char(segment, '{') >= 0 || str_find_char(segment, '}') >= 0;
		if (segment.len == 0 || has_brace != is_param(segment))
			return false;
		params += is_param(segment);
	}
	return params <= PATH_PARAMS_MAX;
}

/* "/message/{id}" and "/message/{name}" are the same to a request. */
static bool is_same_shape(struct str a, struct str b)
{
	struct str first, second;
	while (true) {
		bool has_first = str_next(&a, '/', &first);
		if (has_first != str_next(&b, '/', &second))
			return false;
		if (!has_first)
			return true;
		if (is_param(first) != is_param(second) ||
		    (!is_param(first) && !str_eq(first, second)))
			return false;
	}
}

static const char *fault_of(const struct route *routes, size_t at)
{
	const struct route *route = &routes[at];
	if (route->path == NULL || !is_well_formed(route))
		return "path";
	if (route->access < ACCESS_ANYONE || route->access > ACCESS_ADMINISTRATOR)
		return "access";
	if (route->handle == NULL)
		return "handler";
	if (route->method >= METHOD_OTHER)
		return "method";
	bool has_limit = route->body != BODY_NONE && route->body != BODY_STREAM;
	if (has_limit != (route->body_max > 0))
		return "body";
	for (size_t i = 0; i < at; i++) {
		if (routes[i].method == route->method &&
		    is_same_shape(str_of(routes[i].path), str_of(route->path)))
			return "duplicate";
	}
	return NULL;
}

enum err routes_check(const struct route *routes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *fault = fault_of(routes, i);
		if (fault) {
			log_event(LOG_ERROR, "routes.invalid", LOG_CSTR("path", routes[i].path),
				  LOG_CSTR("fault", fault));
			return ERR_INTERNAL;
		}
	}
	return OK;
}
