#include "core/name_rules.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/fold.h"

enum err name_rules_check(struct cx *cx, struct str name, struct str *ret,
			  struct form_errors *errors)
{
	struct str trimmed = str_trim(name);
	if (trimmed.len == 0)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_MISSING);
	else if (!utf8_is_line(trimmed))
		form_error(cx, errors, "name", TEXT_ERROR_NAME_UNREADABLE);
	else if (utf8_count(trimmed) > LIMIT_NAME_CHARS)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_NAME_CHARS));
	else
		return fold_nfc(cx->arena, trimmed, ret);
	return ERR_INVALID;
}
