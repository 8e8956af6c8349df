#include "store/mail_texts.h"

#include "crypto/digest.h"

#define COLUMNS "name, language, version, at_ms, author_id, is_standard, subject, body, mac"

static void mac_row(struct mac *mac, const struct db *db, const struct mail_text_row *row)
{
	mac_begin(mac, db_row_key(db), "mail_texts");
	mac_str(mac, row->name);
	mac_str(mac, row->language);
	mac_int(mac, row->version);
	mac_int(mac, row->at_ms);
	mac_str(mac, id_str(&row->author_id));
	mac_int(mac, row->is_standard);
	mac_str(mac, row->subject);
	mac_str(mac, row->body);
}

static enum err read_row(struct rows *rows, struct arena *arena, struct mail_text_row *ret)
{
	struct mail_text_row row = {
		.name = rows_bytes(rows, 0, arena),
		.language = rows_bytes(rows, 1, arena),
		.version = rows_int(rows, 2),
		.at_ms = rows_int(rows, 3),
		.author_id = rows_id(rows, 4),
		.is_standard = rows_int(rows, 5) != 0,
		.subject = rows_bytes(rows, 6, arena),
		.body = rows_bytes(rows, 7, arena),
	};
	struct str stored = rows_bytes(rows, 8, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_row(&mac, rows->db, &row);
	if (!mac_check(&mac, stored))
		return db_not_authentic("mail_texts", row.name);
	*ret = row;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_row(rows, list->arena, item);
}

enum err mail_texts_insert(struct db *db, const struct mail_text_row *row)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	int64_t changes;
	mac_row(&mac, db, row);
	mac_end(&mac, digest);
	TRY(db_run(db,
		   "INSERT INTO mail_texts (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		   "?9) ON CONFLICT (name, language, version) DO NOTHING",
		   PARAMS(P_TEXT(row->name), P_TEXT(row->language), P_INT(row->version),
			  P_INT(row->at_ms), P_ID(&row->author_id), P_INT(row->is_standard),
			  P_TEXT(row->subject), P_TEXT(row->body),
			  P_BLOB(str_bytes(digest, sizeof(digest)))),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err mail_texts_newest(struct db *db, struct arena *arena, struct str name, struct str language,
			   struct mail_text_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " COLUMNS " FROM mail_texts WHERE name = ?1 AND language = ?2 "
			  "ORDER BY version DESC LIMIT 1",
			  PARAMS(P_TEXT(name), P_TEXT(language))));
	return read_row(&rows, arena, ret);
}

enum err mail_texts_get(struct db *db, struct arena *arena, struct str name, struct str language,
			int64_t version, struct mail_text_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " COLUMNS " FROM mail_texts WHERE name = ?1 AND language = ?2 "
			  "AND version = ?3",
			  PARAMS(P_TEXT(name), P_TEXT(language), P_INT(version))));
	return read_row(&rows, arena, ret);
}

enum err mail_texts_list(struct db *db, struct arena *arena, struct str name, struct str language,
			 int64_t before, int64_t limit, struct mail_text_row **ret,
			 size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct mail_text_row)};
	TRY(db_list(db, &list,
		    "SELECT " COLUMNS " FROM mail_texts WHERE name = ?1 AND language = ?2 AND "
		    "version < ?3 ORDER BY version DESC LIMIT ?4",
		    PARAMS(P_TEXT(name), P_TEXT(language), P_INT(before > 0 ? before : INT64_MAX),
			   P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	if (ret_bad != NULL)
		*ret_bad = list.page.bad;
	return OK;
}
