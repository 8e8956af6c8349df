#include "http/request.h"

static const struct str names[] = {
	[METHOD_GET] = STR("GET"),         [METHOD_HEAD] = STR("HEAD"),
	[METHOD_POST] = STR("POST"),       [METHOD_PUT] = STR("PUT"),
	[METHOD_PATCH] = STR("PATCH"),     [METHOD_DELETE] = STR("DELETE"),
	[METHOD_OPTIONS] = STR("OPTIONS"), [METHOD_OTHER] = STR("OTHER"),
};

struct str method_name(enum method method)
{
	return names[method];
}

enum method method_parse(struct str name)
{
	for (enum method method = METHOD_GET; method < METHOD_OTHER; method++) {
		if (str_eq(name, names[method]))
			return method;
	}
	return METHOD_OTHER;
}
