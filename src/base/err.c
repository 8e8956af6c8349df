#include "base/err.h"

const char *err_name(enum err err)
{
	static const char *const names[] = {
		[OK] = "ok",
		[ERR_INVALID] = "invalid",
		[ERR_DENIED] = "denied",
		[ERR_NOT_FOUND] = "not_found",
		[ERR_CONFLICT] = "conflict",
		[ERR_TOO_LARGE] = "too_large",
		[ERR_BUSY] = "busy",
		[ERR_UNAVAILABLE] = "unavailable",
		[ERR_CORRUPT] = "corrupt",
		[ERR_INTERNAL] = "internal",
	};
	return (unsigned)err < sizeof(names) / sizeof(names[0]) ? names[err] : "unknown";
}
