#include "core/audit_log.h"

#include "base/limits.h"
#include "core/packed.h"
#include "core/session.h"
#include "crypto/aead.h"

enum { FORMAT = 'a' };
static const struct context text_context = {
	.purpose = "audit.text", .object = STR("audit"), .version = 1};

static enum err encrypt(struct cx *cx, const struct audit_act *act, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	struct str plain;
	buf_init(&out, LIMIT_AUDIT_TEXT_BYTES);
	buf_add_char(&out, FORMAT);
	packed_add_text(&out, cx->remote);
	packed_add_text(&out, act->subject);
	packed_add_text(&out, act->before);
	packed_add_text(&out, act->after);
	TRY(packed_finish(cx->arena, &out, &plain));
	return aead_encrypt(cx->portal->audit_key, &text_context, plain, cx->arena, ret);
}

enum err audit_log(struct cx *cx, struct db *db, const struct audit_act *act)
{
	struct audit_entry entry = {
		.at_ms = cx_now_ms(cx),
		.kind = act->kind,
		.actor_id = act->actor_id,
		.object_id = act->object_id,
	};
	struct str text;
	if (id_is_empty(&entry.actor_id) && cx->session != NULL)
		entry.actor_id = cx->session->user.id;
	TRY(encrypt(cx, act, &text));
	return audit_append_text(db, &entry, text);
}

enum err audit_log_read(struct cx *cx, struct db *db, const struct audit_entry *entry,
			struct audit_view *ret)
{
	struct audit_view view = {.entry = *entry};
	struct str cipher, plain;
	enum err err = audit_text(db, cx->arena, entry, &cipher);
	if (err == OK)
		err = aead_decrypt(cx->portal->audit_key, &text_context, cipher, cx->arena, &plain);
	view.is_changed = err == ERR_CORRUPT;
	if (err == OK) {
		struct packed packed = packed_begin(plain, FORMAT);
		view.remote = packed_text(&packed);
		view.subject = packed_text(&packed);
		view.before = packed_text(&packed);
		view.after = packed_text(&packed);
		view.is_changed = !packed_is_whole(&packed);
	} else if (err != ERR_CORRUPT && err != ERR_NOT_FOUND) {
		return err;
	}
	*ret = view;
	return OK;
}
