#include "store/address_proofs.h"

#include "store/db_list.h"

static void mac_proof(struct mac *mac, const struct db *db, const struct address_proof *proof)
{
	mac_begin(mac, db_row_key(db), "address_proofs");
	mac_str(mac, id_str(&proof->user_id));
	mac_int(mac, proof->at_ms);
	mac_int(mac, proof->kind);
	mac_str(mac, proof->address);
	mac_str(mac, proof->link);
}

enum err address_proofs_add(struct db *db, const struct address_proof *proof)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_proof(&mac, db, proof);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO address_proofs (user_id, at_ms, kind, address, link, mac) "
		      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (user_id, at_ms, kind) DO "
		      "NOTHING",
		      PARAMS(P_ID(&proof->user_id), P_INT(proof->at_ms), P_INT(proof->kind),
			     P_TEXT(proof->address), P_BLOB(proof->link),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

#define COLUMNS "user_id, at_ms, kind, address, link, mac"

static enum err read_proof(struct rows *rows, struct arena *arena, struct address_proof *ret)
{
	struct mac mac;
	struct address_proof proof = {
		.at_ms = rows_int(rows, 1),
		.kind = (enum address_proof_kind)rows_code(rows, 2),
		.address = rows_bytes(rows, 3, arena),
		.link = rows_bytes(rows, 4, arena),
	};
	struct str user_id = rows_bytes(rows, 0, arena);
	struct str stored = rows_bytes(rows, 5, arena);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	if (id_parse(user_id, &proof.user_id) != OK)
		return db_not_authentic("address_proofs", user_id);
	mac_proof(&mac, rows->db, &proof);
	if (!mac_check(&mac, stored))
		return db_not_authentic("address_proofs", user_id);
	*ret = proof;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_proof(rows, list->arena, item);
}

enum err address_proofs_newest(struct db *db, struct arena *arena, const struct id *user_id,
			       struct str address, struct address_proof *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " COLUMNS " FROM address_proofs WHERE user_id = ?1 AND address = "
			  "?2 ORDER BY at_ms DESC, kind LIMIT 1",
			  PARAMS(P_ID(user_id), P_TEXT(address))));
	return read_proof(&rows, arena, ret);
}

enum err address_proofs_count_bad(struct db *db, struct arena *arena, const struct id *user_id,
				  int64_t *ret)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct address_proof)};
	TRY(db_list(db, &list, "SELECT " COLUMNS " FROM address_proofs WHERE user_id = ?1",
		    PARAMS(P_ID(user_id))));
	*ret += list.page.bad;
	return OK;
}
