#include "core/own_signature.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/fold.h"
#include "core/png_check.h"
#include "core/policy.h"
#include "core/signing_kept.h"

/* The plain text: how it is written, then the text or the picture. */
enum { FORMAT_TYPED = 't', FORMAT_DRAWN = 'd', KEEP_TRIES = 2 };

static const struct {
	enum kept_kind kind;
	const char *field;
} marks[] = {
	[OWN_SIGNATURE] = {KEPT_SIGNATURE, "signature"},
	[OWN_INITIALS] = {KEPT_INITIALS, "initials"},
};

static enum err check_may(const struct cx *cx)
{
	return policy_may(cx, ACT_SIGN) ? OK : ERR_DENIED;
}

enum err own_signature_get(struct cx *cx, enum own_mark mark, struct own_signature *ret)
{
	struct kept_row row;
	struct str plain;
	TRY(check_may(cx));
	enum err err = signing_kept_only(cx, marks[mark].kind, &row);
	if (err == ERR_NOT_FOUND) {
		*ret = (struct own_signature){.png = STR_NONE};
		return OK;
	}
	TRY(err);
	TRY(signing_kept_open(cx, &row, &plain));
	if (plain.len < 2)
		return ERR_CORRUPT;
	struct str content = str_slice(plain, 1, plain.len);
	bool is_drawn = plain.data[0] == FORMAT_DRAWN;
	*ret = is_drawn ? (struct own_signature){.png = content}
			: (struct own_signature){.text = content};
	return OK;
}

static enum err check_text(struct cx *cx, const char *field, struct str typed, struct str *ret,
			   struct form_errors *errors)
{
	struct str text = str_trim(typed);
	if (text.len == 0)
		form_error(cx, errors, field, TEXT_OWN_SIGNATURE_MISSING);
	else if (!utf8_is_line(text))
		form_error(cx, errors, field, TEXT_OWN_SIGNATURE_UNREADABLE);
	else if (utf8_count(text) > LIMIT_SIGNING_NAME_CHARS)
		form_error(cx, errors, field, TEXT_OWN_SIGNATURE_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_SIGNING_NAME_CHARS));
	if (errors->count > 0)
		return ERR_INVALID;
	return fold_nfc(cx->arena, text, ret);
}

static enum err check_picture(struct cx *cx, const char *field, struct str png,
			      struct form_errors *errors)
{
	enum err err = png_check(png);
	if (err == ERR_TOO_LARGE)
		form_error(cx, errors, field, TEXT_OWN_SIGNATURE_TOO_LARGE);
	else if (err != OK)
		form_error(cx, errors, field, TEXT_OWN_SIGNATURE_NO_PICTURE);
	return err == OK ? OK : ERR_INVALID;
}

static enum err pack(struct cx *cx, const char *field, const struct own_signature *next,
		     struct str *ret, struct form_errors *errors)
{
	struct str content = next->png;
	bool is_drawn = content.len > 0;
	struct buf plain CLEANUP_BUF;
	buf_init(&plain, LIMIT_SIGNING_PNG_BYTES + 1);
	if (is_drawn)
		TRY(check_picture(cx, field, content, errors));
	else
		TRY(check_text(cx, field, next->text, &content, errors));
	buf_add_char(&plain, is_drawn ? FORMAT_DRAWN : FORMAT_TYPED);
	buf_add(&plain, content);
	*ret = arena_copy(cx->arena, buf_str(&plain));
	return plain.err;
}

enum err own_signature_keep(struct cx *cx, enum own_mark mark, const struct own_signature *next,
			    struct form_errors *errors)
{
	struct str content;
	struct id id;
	enum err err = ERR_CONFLICT;
	TRY(check_may(cx));
	TRY(pack(cx, marks[mark].field, next, &content, errors));
	/* Somebody's two windows may both find none. */
	for (int i = 0; i < KEEP_TRIES; i++) {
		struct kept_row row = {.version = 0};
		enum err found = signing_kept_only(cx, marks[mark].kind, &row);
		if (found != ERR_NOT_FOUND)
			TRY(found);
		err = signing_kept_write(cx, marks[mark].kind, &row.id, content, 1, &id);
		if (err != ERR_CONFLICT && err != ERR_TOO_LARGE && err != ERR_NOT_FOUND)
			return err;
	}
	return ERR_BUSY;
}

enum err own_signature_delete(struct cx *cx, enum own_mark mark)
{
	struct kept_row row;
	TRY(check_may(cx));
	enum err err = signing_kept_only(cx, marks[mark].kind, &row);
	if (err == OK)
		err = signing_kept_remove(cx, marks[mark].kind, &row.id);
	/* There is none: that is what was wanted. */
	return err == ERR_NOT_FOUND ? OK : err;
}
