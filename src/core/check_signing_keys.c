#include "core/checking.h"
#include "core/signing_keys.h"

/* Whether the key opens, and is the certificate's. */
static enum err check_key(struct checking *checking, const struct signing_key_row *row, bool *ret)
{
	struct signing_key *key = NULL;
	struct str certificate;
	*ret = false;
	enum err err = signing_keys_open(checking->cx->portal, &checking->arena, row, &key);
	if (err == ERR_CORRUPT)
		return OK;
	if (err == OK)
		err = signing_key_certificate(key, &checking->arena, &certificate);
	signing_key_free(key);
	if (err == OK)
		*ret = str_eq(certificate, row->certificate);
	return err;
}

static enum err check_rows(struct checking *checking, struct db *db, enum signing_key_kind kind,
			   size_t *ret_in_use)
{
	struct signing_key_row *rows;
	struct str what = kind == SIGNING_KEY_AUTHORITY ? STR("authority") : STR("seal");
	size_t count;
	int64_t bad;
	TRY(signing_keys_list(db, &checking->arena, kind, &rows, &count, &bad));
	checking_bad(checking, "signing_keys", bad);
	*ret_in_use = 0;
	for (size_t i = 0; i < count; i++) {
		bool is_whole = rows[i].wrapped.len == 0;
		if (rows[i].ended_ms == 0) {
			TRY(check_key(checking, &rows[i], &is_whole));
			++*ret_in_use;
		}
		if (!is_whole)
			checking_problem(checking, "signing_keys: the key does not open", what);
	}
	arena_release(&checking->arena);
	return OK;
}

enum err check_signing_keys(struct checking *checking, struct db *db)
{
	size_t authorities, seals;
	TRY(check_rows(checking, db, SIGNING_KEY_AUTHORITY, &authorities));
	if (authorities == 0)
		checking_problem(checking, "signing_keys: none is there", STR("authority"));
	return check_rows(checking, db, SIGNING_KEY_SEAL, &seals);
}
