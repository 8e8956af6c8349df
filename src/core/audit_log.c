#include "core/audit_log.h"

#include "base/limits.h"
#include "core/decisions.h"
#include "core/packed.h"
#include "core/session.h"
#include "crypto/aead.h"

enum {
	FORMAT = 'a',
	REACHED_MAX = 400, /* of one entry */
	TEXT_MAX_BYTES = 2000,
	FORGET_PAGE = 200,
};
static const struct context text_context = {
	.purpose = "audit.text", .object = STR("audit"), .version = 1};

/* Not within a character. */
struct str audit_log_kept(struct str text)
{
	size_t len = text.len < TEXT_MAX_BYTES ? text.len : TEXT_MAX_BYTES;
	while (len < text.len && len > 0 && ((uint8_t)text.data[len] & 0xc0) == 0x80)
		len--;
	return str_slice(text, 0, len);
}

static void add_text(struct buf *out, struct str text)
{
	packed_add_text(out, audit_log_kept(text));
}

static void add_reached(struct buf *out, const struct audit_act *act)
{
	uint8_t bytes[ID_BYTES];
	packed_add_int(out, (uint32_t)(act->reached_count * ID_BYTES));
	for (size_t i = 0; i < act->reached_count; i++) {
		id_to_bytes(&act->reached[i], bytes);
		buf_add(out, str_bytes(bytes, sizeof(bytes)));
	}
}

static enum err encrypt(struct cx *cx, struct arena *arena, const struct audit_act *act,
			struct str *ret)
{
	struct buf out CLEANUP_BUF;
	struct str plain;
	buf_init(&out, LIMIT_AUDIT_TEXT_BYTES);
	buf_add_char(&out, FORMAT);
	add_text(&out, cx->remote);
	add_text(&out, act->subject);
	add_text(&out, act->before);
	add_text(&out, act->after);
	packed_add_int64(&out, act->version);
	packed_add_int(&out, act->is_whole);
	add_reached(&out, act);
	TRY(packed_finish(arena, &out, &plain));
	return aead_encrypt(cx->portal->audit_key, &text_context, plain, arena, ret);
}

/* What has a name in place of an id: all its entries have one object, so that its newest is found.
 */
static const char *named(enum audit_kind kind)
{
	switch (kind) {
	case AUDIT_RULE: return "audit_rule";
	case AUDIT_TEXT: return "audit_text";
	case AUDIT_SETTING:
	case AUDIT_BRANDING: return "audit_setting";
	default: return NULL;
	}
}

bool audit_log_is_named(enum audit_kind kind)
{
	return named(kind) != NULL;
}

static struct id object_of(const struct db *db, const struct audit_act *act)
{
	struct mac mac;
	uint8_t sum[DIGEST_BYTES];
	const char *purpose = named(act->kind);
	if (purpose == NULL)
		return act->object_id;
	mac_begin(&mac, db_row_key(db), purpose);
	mac_str(&mac, act->subject);
	mac_end(&mac, sum);
	return id_from_bytes(sum);
}

static enum err append(struct cx *cx, struct db *db, const struct audit_act *act)
{
	struct audit_entry entry = {
		.at_ms = act->at_ms > 0 ? act->at_ms : cx_now_ms(cx),
		.kind = act->kind,
		.actor_id = act->actor_id,
		.object_id = object_of(db, act),
	};
	struct arena arena CLEANUP_ARENA; /* the transaction may run again */
	struct str text;
	arena_init(&arena, 4 * LIMIT_AUDIT_TEXT_BYTES);
	if (id_is_empty(&entry.actor_id) && cx->session != NULL)
		entry.actor_id = cx->session->user.id;
	TRY(encrypt(cx, &arena, act, &text));
	return audit_append_text(db, &entry, text);
}

enum err audit_log(struct cx *cx, struct db *db, const struct audit_act *act)
{
	struct audit_act part = *act;
	size_t done = 0;
	do {
		size_t left = act->reached_count - done;
		part.reached = act->reached ? act->reached + done : NULL;
		part.reached_count = left < REACHED_MAX ? left : REACHED_MAX;
		TRY(append(cx, db, &part));
		done += part.reached_count;
	} while (done < act->reached_count);
	return OK;
}

struct str audit_user_words(struct arena *arena, const struct user *user)
{
	return arena_printf(arena, "%s %s %s", user_grade_word(user->grade),
			    user_role_word(user->role), user_state_word(user->state));
}

struct str audit_address_words(struct arena *arena, const struct user *user,
			       const struct alias *aliases, size_t count)
{
	struct str words = user->address;
	for (size_t i = 0; i < count; i++)
		words = arena_printf(arena, "%.*s %.*s", STR_ARGS(words),
				     STR_ARGS(aliases[i].address));
	return words;
}

struct str audit_rule_words(struct arena *arena, const struct rule *rule)
{
	if (!rule->is_allowed)
		return STR("refused");
	return rule->grade == 0 ? STR("allowed")
				: arena_printf(arena, "allowed %s", user_grade_word(rule->grade));
}

struct str audit_text_words(struct arena *arena, const struct mail_text_row *row)
{
	if (row->version == 0)
		return STR_NONE;
	return arena_printf(arena, "%lld%s%.*s", (long long)row->version,
			    row->is_standard ? " standard" : ": ", STR_ARGS(row->subject));
}

enum err audit_log_user(struct cx *cx, struct db *db, enum audit_kind kind,
			const struct user *before, const struct user *after, struct str subject)
{
	struct audit_act act = {
		.kind = kind,
		.object_id = after->id,
		.subject = subject,
		.after = audit_user_words(cx->arena, after),
		.version = after->version,
	};
	/* Nobody is signed in yet. */
	if (kind == AUDIT_REGISTERED)
		act.actor_id = after->id;
	if (before != NULL)
		act.before = audit_user_words(cx->arena, before);
	if (kind == AUDIT_USER_CHANGED)
		TRY(decisions_note_person(cx, db, before, after));
	return cx->arena->failed ? ERR_UNAVAILABLE : audit_log(cx, db, &act);
}

/* ---- erasing ---- */

enum err audit_log_forget(struct cx *cx, struct db *db, const struct id *user_id)
{
	int64_t last = 0;
	size_t count;
	do {
		struct audit_entry *entries;
		TRY(audit_about(db, cx->arena, user_id, last, FORGET_PAGE, &entries, &count));
		for (size_t i = 0; i < count; i++) {
			TRY(audit_erase_text(db, &entries[i]));
			last = entries[i].number;
		}
	} while (count == FORGET_PAGE);
	return OK;
}

/* ---- reading ---- */

static enum err read_reached(struct arena *arena, struct packed *packed, struct audit_view *view)
{
	struct str bytes = packed_text(packed);
	size_t count = bytes.len / ID_BYTES;
	struct id *ids = ARENA_ARRAY(arena, count + 1, struct id);
	if (ids == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		ids[i] = id_from_bytes((const uint8_t *)bytes.data + i * ID_BYTES);
	view->reached = ids;
	view->reached_count = count;
	return OK;
}

static enum err unpack(struct arena *arena, struct str plain, struct audit_view *view)
{
	struct packed packed = packed_begin(plain, FORMAT);
	view->remote = packed_text(&packed);
	view->subject = packed_text(&packed);
	view->before = packed_text(&packed);
	view->after = packed_text(&packed);
	view->version = packed_int64(&packed);
	view->is_whole = packed_int(&packed) != 0;
	TRY(read_reached(arena, &packed, view));
	return packed_is_whole(&packed) ? OK : ERR_CORRUPT;
}

enum err audit_log_read(struct cx *cx, struct db *db, const struct audit_entry *entry,
			struct audit_view *ret)
{
	struct audit_view view = {.entry = *entry};
	struct str cipher, plain;
	enum err err = audit_text(db, cx->arena, entry, &cipher);
	if (err == OK)
		err = aead_decrypt(cx->portal->audit_key, &text_context, cipher, cx->arena, &plain);
	if (err == OK)
		err = unpack(cx->arena, plain, &view);
	if (err != OK && err != ERR_CORRUPT && err != ERR_NOT_FOUND)
		return err;
	if (err != OK)
		view = (struct audit_view){.entry = *entry};
	view.is_changed = err == ERR_CORRUPT;
	view.is_erased = err == ERR_NOT_FOUND && audit_kind_has_text(entry->kind);
	*ret = view;
	return OK;
}
