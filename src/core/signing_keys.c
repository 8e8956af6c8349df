#include "core/signing_keys.h"

#include "base/log.h"
#include "crypto/aead.h"
#include "crypto/digest.h"

#include <string.h>

enum { BEGIN_ARENA_BYTES = 1 << 20 };
static const int64_t good_for_ms = 3653 * DAY_MS; /* ten years */

/* ---- at rest ---- */

/* The wrap belongs to this row and no other. */
static struct context row_context(struct arena *arena, const struct signing_key_row *row)
{
	return (struct context){.purpose = "signing.key",
				.object = arena_printf(arena, "%d", row->kind),
				.version = row->created_ms};
}

static enum err wrap(const struct portal *portal, struct arena *arena,
		     const struct signing_key *key, struct signing_key_row *row)
{
	struct secret *under CLEANUP_SECRET = NULL;
	struct context context = row_context(arena, row);
	struct str bytes;
	TRY(key_derive(portal->portal_private, "signing keys", &under));
	TRY(signing_key_certificate(key, arena, &row->certificate));
	TRY(signing_key_write(key, arena, &bytes));
	enum err err = aead_encrypt(under, &context, bytes, arena, &row->wrapped);
	explicit_bzero((char *)bytes.data, bytes.len);
	return err;
}

enum err signing_keys_open(const struct portal *portal, struct arena *arena,
			   const struct signing_key_row *row, struct signing_key **ret)
{
	struct secret *under CLEANUP_SECRET = NULL;
	struct context context = row_context(arena, row);
	struct str bytes;
	TRY(key_derive(portal->portal_private, "signing keys", &under));
	enum err err = aead_decrypt(under, &context, row->wrapped, arena, &bytes);
	if (err == OK) {
		err = signing_key_read(bytes, ret);
		explicit_bzero((char *)bytes.data, bytes.len);
	}
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "signing_keys.does_not_open");
	return err;
}

static enum err current(struct cx *cx, enum signing_key_kind kind, struct signing_key **ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct signing_key_row row;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_keys_current(db, cx->arena, kind, &row));
	return signing_keys_open(cx->portal, cx->arena, &row, ret);
}

/* ---- for signatures ---- */

static enum err issue(struct cx *cx, const struct signing_subject *subject,
		      struct signing_key **ret)
{
	struct signing_key *authority = NULL;
	enum err err = current(cx, SIGNING_KEY_AUTHORITY, &authority);
	if (err == ERR_NOT_FOUND) { /* portal_open() has seen one */
		log_event(LOG_ALARM, "signing_keys.authority_missing");
		err = ERR_CORRUPT;
	}
	if (err == OK)
		err = signing_key_issue(authority, subject, cx_now_ms(cx), ret);
	signing_key_free(authority);
	if (err == ERR_DENIED) { /* the portal was not started for ten years */
		log_event(LOG_ERROR, "signing_keys.authority_ended");
		err = ERR_UNAVAILABLE;
	}
	return err;
}

enum err signing_keys_certify(struct cx *cx, struct signing_key **ret)
{
	struct str portal = cx->portal->settings->name;
	return issue(cx, &(struct signing_subject){.name = portal, .organisation = portal}, ret);
}

enum err signing_keys_person(struct cx *cx, struct str name, struct str address,
			     struct signing_key **ret)
{
	const struct signing_subject subject = {
		.name = name, .organisation = cx->portal->settings->name, .address = address};
	return issue(cx, &subject, ret);
}

static enum err is_valid_now(struct cx *cx, const struct signing_key *key, bool *ret)
{
	struct certificate_facts facts;
	int64_t now_ms = cx_now_ms(cx);
	TRY(signing_key_facts(key, cx->arena, &facts));
	*ret = facts.from_ms <= now_ms && now_ms <= facts.until_ms;
	return OK;
}

enum err signing_keys_seal(struct cx *cx, struct signing_key **ret)
{
	struct signing_key *imported = NULL;
	bool is_valid = false;
	enum err err = current(cx, SIGNING_KEY_SEAL, &imported);
	if (err == OK)
		err = is_valid_now(cx, imported, &is_valid);
	if (err == OK && is_valid) {
		*ret = imported;
		return OK;
	}
	signing_key_free(imported);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	if (err == OK)
		log_event(LOG_WARN, "signing_keys.seal_expired");
	return signing_keys_certify(cx, ret);
}

/* ---- the authority ---- */

static enum err has_good_authority(struct db *db, struct arena *arena, int64_t now_ms, bool *ret)
{
	struct signing_key_row row;
	struct certificate_facts facts;
	enum err err = signing_keys_current(db, arena, SIGNING_KEY_AUTHORITY, &row);
	*ret = false;
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	if (certificate_read_facts(row.certificate, arena, &facts) != OK)
		return ERR_CORRUPT;
	*ret = facts.until_ms - now_ms >= good_for_ms;
	return OK;
}

struct new_authority {
	struct arena *arena;
	struct signing_key_row row;
};

static enum err write_authority(struct db *db, void *argument)
{
	struct new_authority *made = argument;
	bool is_good;
	/* Another process may have started at the same moment. */
	TRY(has_good_authority(db, made->arena, made->row.created_ms, &is_good));
	return is_good ? OK : signing_keys_insert(db, &made->row);
}

static enum err make_authority(struct portal *portal, struct arena *arena)
{
	struct new_authority made = {
		.arena = arena,
		.row = {.kind = SIGNING_KEY_AUTHORITY, .created_ms = clock_now_ms(portal->clock)}};
	struct signing_key *key = NULL;
	TRY(signing_authority_new(portal->settings->name, made.row.created_ms, &key));
	enum err err = wrap(portal, arena, key, &made.row);
	signing_key_free(key);
	TRY(err);
	TRY(store_transact(portal->store, write_authority, &made, arena));
	log_event(LOG_INFO, "signing_keys.authority_made");
	return OK;
}

static enum err look_for_authority(struct portal *portal, struct arena *arena, bool *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(portal->store, &db));
	return has_good_authority(db, arena, clock_now_ms(portal->clock), ret);
}

enum err signing_keys_begin(struct portal *portal)
{
	struct arena arena CLEANUP_ARENA;
	bool is_good = false;
	arena_init(&arena, BEGIN_ARENA_BYTES);
	TRY(look_for_authority(portal, &arena, &is_good));
	return is_good ? OK : make_authority(portal, &arena);
}

/* ---- the certificate of a real authority ---- */

struct import {
	struct cx *cx;
	const struct signing_key *key;
};

static enum err end_current(struct db *db, struct cx *cx, struct signing_key_row *ret)
{
	TRY(signing_keys_current(db, cx->arena, SIGNING_KEY_SEAL, ret));
	return signing_keys_end(db, ret, cx_now_ms(cx));
}

static enum err write_import(struct db *db, void *argument)
{
	const struct import *import = argument;
	struct cx *cx = import->cx;
	struct signing_key_row before = {0},
			       row = {.kind = SIGNING_KEY_SEAL, .created_ms = cx_now_ms(cx)};
	enum err err = end_current(db, cx, &before);
	if (err != ERR_NOT_FOUND)
		TRY(err);
	if (row.created_ms <= before.created_ms)
		row.created_ms = before.created_ms + 1;
	TRY(wrap(cx->portal, cx->arena, import->key, &row));
	return signing_keys_insert(db, &row);
}

enum err signing_keys_import(struct cx *cx, struct str pkcs12, struct str password,
			     struct certificate_facts *ret, enum pkcs12_refusal *ret_refusal)
{
	struct signing_key *key = NULL;
	TRY(signing_key_import(pkcs12, password, cx_now_ms(cx), &key, ret_refusal));
	struct import import = {cx, key};
	enum err err = signing_key_facts(key, cx->arena, ret);
	if (err == OK)
		err = store_transact(cx->portal->store, write_import, &import, cx->arena);
	signing_key_free(key);
	return err;
}

static enum err write_forget(struct db *db, void *argument)
{
	struct signing_key_row row;
	return end_current(db, argument, &row);
}

enum err signing_keys_forget(struct cx *cx)
{
	return store_transact(cx->portal->store, write_forget, cx, cx->arena);
}

static enum err add_views(struct cx *cx, const struct signing_key_row *rows, size_t count,
			  struct signing_key_view *to)
{
	for (size_t i = 0; i < count; i++) {
		to[i] = (struct signing_key_view){.kind = rows[i].kind,
						  .created_ms = rows[i].created_ms,
						  .ended_ms = rows[i].ended_ms,
						  .certificate = rows[i].certificate};
		TRY(certificate_read_facts(rows[i].certificate, cx->arena, &to[i].facts));
	}
	return OK;
}

enum err signing_keys_all(struct cx *cx, struct signing_key_view **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct signing_key_row *authorities, *seals;
	size_t authority_count, seal_count;
	int64_t bad, bad_seals;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_keys_list(db, cx->arena, SIGNING_KEY_AUTHORITY, &authorities, &authority_count,
			      &bad));
	TRY(signing_keys_list(db, cx->arena, SIGNING_KEY_SEAL, &seals, &seal_count, &bad_seals));
	struct signing_key_view *views =
		ARENA_ARRAY(cx->arena, authority_count + seal_count + 1, struct signing_key_view);
	if (views == NULL)
		return ERR_UNAVAILABLE;
	TRY(add_views(cx, authorities, authority_count, views));
	TRY(add_views(cx, seals, seal_count, views + authority_count));
	*ret = views;
	*ret_count = authority_count + seal_count;
	return OK;
}
