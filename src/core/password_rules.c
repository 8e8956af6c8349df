#include "core/password_rules.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/breached.h"
#include "core/weak_password.h"

#include <stdlib.h>
#include <string.h>
#include <uninorm.h>

/* Room for every character to be written with several combining marks; beyond it, nothing is
 * normalised at all. */
enum { PASSWORD_MAX_BYTES = LIMIT_PASSWORD_MAX_CHARS * 16 };

static enum err to_nfc(struct arena *arena, struct str password, struct str *ret)
{
	size_t len = 0;
	uint8_t *composed =
		u8_normalize(UNINORM_NFC, (const uint8_t *)password.data, password.len, NULL, &len);
	if (composed == NULL)
		return ERR_UNAVAILABLE;
	*ret = arena_copy(arena, str_bytes(composed, len));
	explicit_bzero(composed, len);
	free(composed);
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err password_normalise(struct cx *cx, struct str password, struct str *ret)
{
	struct str composed = STR_NONE;
	if (password.len > PASSWORD_MAX_BYTES || !utf8_is_valid(password))
		return ERR_INVALID;
	if (password.len > 0)
		TRY(to_nfc(cx->arena, password, &composed));
	if (utf8_count(composed) > LIMIT_PASSWORD_MAX_CHARS)
		return ERR_INVALID;
	*ret = composed;
	return OK;
}

static void refuse(struct cx *cx, struct form_errors *errors, enum text_id id, int64_t number)
{
	form_error(cx, errors, "password", id, TEXT_NUMBER("count", number));
}

/* Length first: a person who mends one thing at a time should not be told "too common" about three
 * letters. */
static enum err check_length(struct cx *cx, struct str password, struct str *ret,
			     struct form_errors *errors)
{
	enum err err = password_normalise(cx, password, ret);
	if (err == ERR_INVALID && utf8_is_valid(password))
		refuse(cx, errors, TEXT_ERROR_PASSWORD_TOO_LONG, LIMIT_PASSWORD_MAX_CHARS);
	else if (err == ERR_INVALID)
		refuse(cx, errors, TEXT_ERROR_PASSWORD_UNREADABLE, 0);
	TRY(err);
	int64_t least = cx->portal->settings->password_min_chars;
	if (ret->len == 0)
		refuse(cx, errors, TEXT_ERROR_PASSWORD_MISSING, least);
	else if ((int64_t)utf8_count(*ret) < least)
		refuse(cx, errors, TEXT_ERROR_PASSWORD_TOO_SHORT, least);
	else
		return OK;
	return ERR_INVALID;
}

enum err password_rules_check(struct cx *cx, struct str password, struct str name,
			      struct str address, struct str *ret, struct form_errors *errors)
{
	static const enum text_id sentences[] = {
		[WEAKNESS_REPEATED] = TEXT_ERROR_PASSWORD_REPEATED,
		[WEAKNESS_SEQUENCE] = TEXT_ERROR_PASSWORD_SEQUENCE,
		[WEAKNESS_OWN_WORDS] = TEXT_ERROR_PASSWORD_OWN_WORDS,
		[WEAKNESS_COMMON] = TEXT_ERROR_PASSWORD_COMMON,
	};
	const struct str own[] = {name, address, cx->portal->settings->name, STR("postern")};
	enum weakness weakness = WEAKNESS_NONE;
	struct str normal = STR_NONE;
	TRY(check_length(cx, password, &normal, errors));
	TRY(weak_password_look(cx->arena, normal, own, sizeof(own) / sizeof(own[0]), &weakness));
	if (weakness != WEAKNESS_NONE) {
		form_error(cx, errors, "password", sentences[weakness]);
		return ERR_INVALID;
	}
	if (breached_has(cx->portal, normal)) {
		form_error(cx, errors, "password", TEXT_ERROR_PASSWORD_BREACHED);
		return ERR_INVALID;
	}
	*ret = normal;
	return OK;
}
