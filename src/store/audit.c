#include "store/audit_read.h"

#include <string.h>

/* ---- the chain ---- */

static enum err chain_key(const struct db *db, struct secret **ret)
{
	return key_derive(db_row_key(db), "audit.chain", ret);
}

static void link_row(const struct secret *key, const uint8_t previous[DIGEST_BYTES],
		     const struct audit_entry *entry, uint8_t ret[DIGEST_BYTES])
{
	struct mac mac;
	mac_begin(&mac, key, "audit");
	mac_str(&mac, str_bytes(previous, DIGEST_BYTES));
	mac_int(&mac, entry->number);
	mac_int(&mac, entry->at_ms);
	mac_int(&mac, entry->kind);
	mac_str(&mac, id_str(&entry->actor_id));
	mac_str(&mac, id_str(&entry->object_id));
	mac_str(&mac, str_bytes(entry->detail, sizeof(entry->detail)));
	mac_end(&mac, ret);
}

/* ---- its end ---- */

struct head {
	int64_t number; /* 0: there is no row yet */
	uint8_t chain[DIGEST_BYTES];
};

static void mac_head(struct mac *mac, const struct db *db, const struct head *head)
{
	mac_begin(mac, db_row_key(db), "audit_head");
	mac_int(mac, head->number);
	mac_str(mac, str_bytes(head->chain, sizeof(head->chain)));
}

/* Bytes of another length are nothing that was written here: zeros, which no chain fits. */
static void copy_digest(struct rows *rows, int column, uint8_t ret[DIGEST_BYTES])
{
	struct str bytes = rows_view(rows, column);
	memset(ret, 0, DIGEST_BYTES);
	if (bytes.len == DIGEST_BYTES)
		memcpy(ret, bytes.data, DIGEST_BYTES);
}

static enum err read_head(struct db *db, struct head *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct mac mac;
	*ret = (struct head){.number = 0};
	enum err err = db_select_row(
		db, &rows, "SELECT number, chain, mac FROM audit_head WHERE id = 1", NO_PARAMS);
	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	ret->number = rows_int(&rows, 0);
	copy_digest(&rows, 1, ret->chain);
	mac_head(&mac, db, ret);
	return mac_check(&mac, rows_view(&rows, 2)) ? OK : db_not_authentic("audit_head", STR("1"));
}

static enum err write_head(struct db *db, const struct head *head)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_head(&mac, db, head);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO audit_head (id, number, chain, mac) VALUES (1, ?1, ?2, ?3) ON "
		      "CONFLICT (id) DO UPDATE SET number = excluded.number, chain = "
		      "excluded.chain, mac = excluded.mac",
		      PARAMS(P_INT(head->number),
			     P_BLOB(str_bytes(head->chain, sizeof(head->chain))),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

static enum err append(struct db *db, const struct audit_entry *entry, int64_t *ret_number)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct audit_entry next = *entry;
	struct head head;
	TRY(chain_key(db, &key));
	TRY(read_head(db, &head));
	*ret_number = next.number = ++head.number;
	link_row(key, head.chain, &next, head.chain);
	TRY(write_head(db, &head));
	return db_run(db,
		      "INSERT INTO audit (number, at_ms, kind, actor_id, object_id, detail, chain) "
		      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		      PARAMS(P_INT(next.number), P_INT(next.at_ms), P_INT(next.kind),
			     P_ID(&next.actor_id), P_ID(&next.object_id),
			     P_BLOB(str_bytes(next.detail, sizeof(next.detail))),
			     P_BLOB(str_bytes(head.chain, sizeof(head.chain)))),
		      NULL);
}

enum err audit_append(struct db *db, const struct audit_entry *entry)
{
	int64_t number;
	return append(db, entry, &number);
}

enum err audit_append_text(struct db *db, const struct audit_entry *entry, struct str text)
{
	struct audit_entry next = *entry;
	int64_t number;
	digest(text, next.detail);
	TRY(append(db, &next, &number));
	return db_run(db, "INSERT INTO audit_texts (number, content) VALUES (?1, ?2)",
		      PARAMS(P_INT(number), P_BLOB(text)), NULL);
}

/* ---- reading ---- */

void audit_read(struct rows *rows, struct audit_entry *ret)
{
	*ret = (struct audit_entry){
		.number = rows_int(rows, 0),
		.at_ms = rows_int(rows, 1),
		.kind = (enum audit_kind)rows_code(rows, 2),
		.actor_id = rows_id(rows, 3),
		.object_id = rows_id(rows, 4),
	};
	copy_digest(rows, 5, ret->detail);
}

enum err audit_read_item(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	audit_read(rows, item);
	return OK;
}

bool audit_kind_has_text(enum audit_kind kind)
{
	return kind > AUDIT_SIGNING_DOWNLOADED;
}

/* ---- what entries say ---- */

static void mac_erased(struct mac *mac, const struct db *db, const struct audit_entry *entry)
{
	mac_begin(mac, db_row_key(db), "audit_erased");
	mac_int(mac, entry->number);
	mac_str(mac, str_bytes(entry->detail, sizeof(entry->detail)));
}

/* ERR_NOT_FOUND: it was erased by who may. */
static enum err check_text(const struct db *db, const struct audit_entry *entry, struct str text)
{
	uint8_t sum[DIGEST_BYTES];
	struct mac mac;
	digest(text, sum);
	if (digest_eq(str_bytes(sum, sizeof(sum)), str_bytes(entry->detail, DIGEST_BYTES)))
		return OK;
	mac_erased(&mac, db, entry);
	return mac_check(&mac, text) ? ERR_NOT_FOUND : ERR_CORRUPT;
}

enum err audit_text(struct db *db, struct arena *arena, const struct audit_entry *entry,
		    struct str *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	enum err err = db_select_row(db, &rows, "SELECT content FROM audit_texts WHERE number = ?1",
				     PARAMS(P_INT(entry->number)));
	if (err == ERR_NOT_FOUND)
		return audit_kind_has_text(entry->kind) ? ERR_CORRUPT : ERR_NOT_FOUND;
	TRY(err);
	struct str text = rows_bytes(&rows, 0, arena);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	TRY(check_text(db, entry, text));
	*ret = text;
	return OK;
}

enum err audit_erase_text(struct db *db, const struct audit_entry *entry)
{
	struct mac mac;
	uint8_t mark[DIGEST_BYTES];
	mac_erased(&mac, db, entry);
	mac_end(&mac, mark);
	return db_run(db, "UPDATE audit_texts SET content = ?2 WHERE number = ?1",
		      PARAMS(P_INT(entry->number), P_BLOB(str_bytes(mark, sizeof(mark)))), NULL);
}

enum err audit_about(struct db *db, struct arena *arena, const struct id *user_id, int64_t after,
		     int64_t limit, struct audit_entry **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = audit_read_item, .item_bytes = sizeof(struct audit_entry)};
	TRY(db_list(db, &list,
		    "SELECT " AUDIT_COLUMNS
		    " FROM audit WHERE number > ?2 AND kind >= ?4 AND (object_id = ?1 OR (actor_id "
		    "= ?1 AND (kind <= ?5 OR kind = ?6))) ORDER BY number LIMIT ?3",
		    PARAMS(P_ID(user_id), P_INT(after), P_INT(limit), P_INT(AUDIT_SIGN_IN),
			   P_INT(AUDIT_REGISTERED), P_INT(AUDIT_EXPORT))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err audit_of_object(struct db *db, struct arena *arena, const struct id *object_id,
			 struct audit_entry **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = audit_read_item, .item_bytes = sizeof(struct audit_entry)};
	TRY(db_list(db, &list,
		    "SELECT " AUDIT_COLUMNS
		    " FROM audit WHERE object_id = ?1 AND kind < ?2 ORDER BY number",
		    PARAMS(P_ID(object_id), P_INT(AUDIT_SIGN_IN))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err audit_end(struct db *db, int64_t *ret_number, uint8_t ret_chain[DIGEST_BYTES])
{
	struct head head;
	TRY(read_head(db, &head));
	*ret_number = head.number;
	memcpy(ret_chain, head.chain, DIGEST_BYTES);
	return OK;
}

enum err audit_chain(struct db *db, int64_t number, uint8_t ret_chain[DIGEST_BYTES])
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT chain FROM audit WHERE number = ?1",
			  PARAMS(P_INT(number))));
	copy_digest(&rows, 0, ret_chain);
	return OK;
}

enum err audit_of_kinds(struct db *db, struct arena *arena, int64_t kinds, bool is_newest,
			int64_t after, int64_t limit, struct audit_entry **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = audit_read_item, .item_bytes = sizeof(struct audit_entry)};
	if (is_newest)
		TRY(db_list(db, &list,
			    "SELECT " AUDIT_COLUMNS
			    " FROM audit a WHERE number > ?1 AND " AUDIT_KIND_IN(
				    "kind",
				    "?3") " AND object_id <> '' AND NOT EXISTS (SELECT 1 FROM "
					  "audit b WHERE "
					  "b.object_id = a.object_id AND b.number > a.number "
					  "AND " AUDIT_KIND_IN("b.kind",
							       "?3") ") ORDER BY number LIMIT ?2",
			    PARAMS(P_INT(after), P_INT(limit), P_INT(kinds))));
	else
		TRY(db_list(db, &list,
			    "SELECT " AUDIT_COLUMNS
			    " FROM audit WHERE number > ?1 AND " AUDIT_KIND_IN(
				    "kind", "?3") " ORDER BY number LIMIT ?2",
			    PARAMS(P_INT(after), P_INT(limit), P_INT(kinds))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err audit_newest_of(struct db *db, const struct id *object_id, int64_t kinds, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT MAX(number) FROM audit WHERE object_id = ?1 AND " AUDIT_KIND_IN("kind",
											"?2"),
		PARAMS(P_ID(object_id), P_INT(kinds)), ret);
}

/* ---- checking ---- */

struct walk {
	struct rows rows;
	int64_t seen;
	struct audit_checked found;
};

static enum audit_fault fault_of_text(const struct db *db, struct rows *rows,
				      const struct audit_entry *entry)
{
	bool has_text = !rows_is_null(rows, 7);
	if (!audit_kind_has_text(entry->kind))
		return has_text ? AUDIT_TEXT_CHANGED : AUDIT_FINE;
	if (!has_text)
		return AUDIT_TEXT_MISSING;
	return check_text(db, entry, rows_view(rows, 7)) == ERR_CORRUPT ? AUDIT_TEXT_CHANGED
									: AUDIT_FINE;
}

static enum audit_fault fault_of_row(const struct secret *key, struct walk *walk,
				     const struct audit_entry *entry)
{
	uint8_t chain[DIGEST_BYTES];
	if (entry->number != walk->found.last + 1)
		return AUDIT_MISSING;
	link_row(key, walk->found.chain, entry, chain);
	if (!digest_eq(rows_view(&walk->rows, 6), str_bytes(chain, sizeof(chain))))
		return AUDIT_CHANGED;
	memcpy(walk->found.chain, chain, sizeof(chain));
	return AUDIT_FINE;
}

static enum err read_rows(struct db *db, const struct secret *key, int64_t limit, struct walk *walk)
{
	struct audit_checked *found = &walk->found;
	bool has_row;
	/* The second bound follows from the first one, but not to PostgreSQL, which would walk the
	 * texts from the beginning. */
	TRY(db_select(db, &walk->rows,
		      "SELECT a.number, a.at_ms, a.kind, a.actor_id, a.object_id, a.detail, "
		      "a.chain, t.content FROM audit a LEFT JOIN audit_texts t ON t.number = "
		      "a.number AND t.number > ?1 WHERE a.number > ?1 ORDER BY a.number LIMIT ?2",
		      PARAMS(P_INT(found->last), P_INT(limit))));
	for (;;) {
		struct audit_entry entry;
		TRY(rows_next(&walk->rows, &has_row));
		if (!has_row)
			return OK;
		audit_read(&walk->rows, &entry);
		found->fault = fault_of_row(key, walk, &entry);
		if (found->fault == AUDIT_FINE)
			found->fault = fault_of_text(db, &walk->rows, &entry);
		if (found->fault != AUDIT_FINE) {
			found->bad = found->last + 1;
			return OK;
		}
		found->last = entry.number;
		walk->seen++;
	}
}

static enum err walk_rows(struct db *db, const struct secret *key, int64_t limit, struct walk *walk)
{
	enum err err = read_rows(db, key, limit, walk);
	rows_end(&walk->rows);
	return err;
}

/* Whether the last row is the one that is known to be the last. */
static enum err look_at_end(struct db *db, const struct walk *walk, bool *ret_is_end)
{
	struct head head;
	enum err err = read_head(db, &head);
	if (err != OK && err != ERR_CORRUPT)
		return err;
	*ret_is_end = err == OK && head.number == walk->found.last &&
		      memcmp(head.chain, walk->found.chain, DIGEST_BYTES) == 0;
	return OK;
}

/* Somebody may have appended since the rows were read: then there are more of them, which are
 * looked at too. Where there are none, the end is not what it was. */
static enum err check_end(struct db *db, const struct secret *key, int64_t limit, struct walk *walk)
{
	struct audit_checked *found = &walk->found;
	while (found->bad == 0 && walk->seen < limit) {
		bool is_end;
		int64_t before = found->last;
		TRY(look_at_end(db, walk, &is_end));
		if (is_end)
			return OK;
		TRY(walk_rows(db, key, limit - walk->seen, walk));
		if (found->bad == 0 && found->last == before) {
			found->bad = before + 1;
			found->fault = AUDIT_END_CHANGED;
		}
	}
	return OK;
}

enum err audit_check(struct db *db, int64_t after, int64_t limit, struct audit_checked *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct walk walk = {.found = {.last = after}};
	TRY(chain_key(db, &key));
	/* What the row before the first one looked at is bound to was looked at in the step before.
	 */
	enum err err = after > 0 ? audit_chain(db, after, walk.found.chain) : OK;
	if (err == ERR_NOT_FOUND) {
		*ret = (struct audit_checked){.last = after, .bad = after, .fault = AUDIT_MISSING};
		return OK;
	}
	if (err == OK)
		err = walk_rows(db, key, limit, &walk);
	if (err == OK)
		err = check_end(db, key, limit, &walk);
	TRY(err);
	*ret = walk.found;
	return OK;
}
