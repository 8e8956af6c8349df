#include "store/messages.h"
#include "store/stats.h"

#include "base/buf.h"
#include "crypto/digest.h"
#include "store/aliases.h"

#include <string.h>

enum { FIND_KEY_MAX_BYTES = 8192 };

static void mac_user(struct mac *mac, const struct db *db, const struct user *user)
{
	mac_begin(mac, db_row_key(db), "users");
	mac_str(mac, id_str(&user->id));
	mac_str(mac, user->address);
	mac_str(mac, user->address_key);
	mac_str(mac, user->name);
	mac_int(mac, user->grade);
	mac_int(mac, user->role);
	mac_int(mac, user->state);
	mac_int(mac, user->is_registered);
	mac_int(mac, user->custody);
	mac_str(mac, str_bytes(user->public_key, sizeof(user->public_key)));
	mac_int(mac, user->version);
	mac_str(mac, id_str(&user->invited_by));
	mac_int(mac, user->created_ms);
}

enum err users_read(struct rows *rows, int column, struct arena *arena, struct user *ret)
{
	struct user user = {
		.id = rows_id(rows, column),
		.address = rows_bytes(rows, column + 1, arena),
		.address_key = rows_bytes(rows, column + 2, arena),
		.name = rows_bytes(rows, column + 3, arena),
		.grade = (enum grade)rows_code(rows, column + 4),
		.role = (enum role)rows_code(rows, column + 5),
		.state = (enum user_state)rows_code(rows, column + 6),
		.is_registered = rows_int(rows, column + 7) != 0,
		.custody = (enum custody)rows_code(rows, column + 8),
		.version = rows_int(rows, column + 10),
		.invited_by = rows_id(rows, column + 11),
		.created_ms = rows_int(rows, column + 12),
		.seen_ms = rows_int(rows, column + 13),
		.language = rows_bytes(rows, column + 14, arena),
		.zone = rows_bytes(rows, column + 15, arena),
	};
	struct str public_key = rows_bytes(rows, column + 9, arena);
	struct str stored = rows_bytes(rows, column + 16, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	if (public_key.len == sizeof(user.public_key))
		memcpy(user.public_key, public_key.data, public_key.len);
	mac_user(&mac, rows->db, &user);
	if (public_key.len != sizeof(user.public_key) || !mac_check(&mac, stored))
		return db_not_authentic("users", id_str(&user.id));
	*ret = user;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return users_read(rows, 0, list->arena, item);
}

enum err users_by_id(struct db *db, struct arena *arena, const struct id *id, struct user *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT " USERS_COLUMNS " FROM users u WHERE u.id = ?1",
			  PARAMS(P_ID(id))));
	return users_read(&rows, 0, arena, ret);
}

static enum err by_own_key(struct db *db, struct arena *arena, struct str address_key,
			   struct user *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " USERS_COLUMNS " FROM users u WHERE u.address_key = ?1",
			  PARAMS(P_TEXT(address_key))));
	return users_read(&rows, 0, arena, ret);
}

enum err users_by_key(struct db *db, struct arena *arena, struct str address_key, struct user *ret)
{
	struct alias alias;
	enum err err = by_own_key(db, arena, address_key, ret);
	if (err != ERR_NOT_FOUND)
		return err;
	TRY(aliases_by_key(db, arena, address_key, &alias));
	return users_by_id(db, arena, &alias.user_id, ret);
}

enum err users_version(struct db *db, const struct id *id, int64_t *ret)
{
	return db_select_number(db, "SELECT version FROM users WHERE id = ?1", PARAMS(P_ID(id)),
				ret);
}

bool users_is_erased(const struct user *user)
{
	static const uint8_t none[PUBLIC_KEY_BYTES] = {0};
	return user->state == USER_DISABLED && memcmp(user->public_key, none, sizeof(none)) == 0;
}

/* By their name and all their addresses. Who is erased is found no more. */
static enum err make_find_key(struct db *db, const struct user *user, const struct users_keys *keys,
			      struct buf *buf, struct str *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	bool has_row;
	buf_init(buf, FIND_KEY_MAX_BYTES);
	*ret = STR("");
	if (users_is_erased(user))
		return OK;
	buf_add(buf, keys->name);
	buf_add_char(buf, ' ');
	buf_add(buf, user->address_key);
	if (keys->address.len > 0)
		buf_add_char(buf, ' ');
	buf_add(buf, keys->address);
	TRY(db_select(db, &rows,
		      "SELECT address_key FROM aliases WHERE user_id = ?1 ORDER BY address_key",
		      PARAMS(P_ID(&user->id))));
	TRY(rows_next(&rows, &has_row));
	while (has_row) {
		buf_add_char(buf, ' ');
		buf_add(buf, rows_view(&rows, 0));
		TRY(rows_next(&rows, &has_row));
	}
	*ret = buf_str(buf);
	return buf->err;
}

/* An address is one person's, whether it is their own or an alias. */
static enum err check_no_alias(struct db *db, const struct user *user)
{
	int64_t taken;
	TRY(db_select_number(db, "SELECT COUNT(*) FROM aliases WHERE address_key = ?1",
			     PARAMS(P_TEXT(user->address_key)), &taken));
	return taken == 0 ? OK : ERR_CONFLICT;
}

/* What the row says before it is written: whether and as what they are counted. */
struct counted {
	bool is_there;
	enum grade grade;
	enum user_state state;
};

static enum err read_counted(struct db *db, const struct user *user, struct counted *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	enum err err = db_select_row(
		db, &rows,
		"SELECT grade, state FROM users WHERE id = ?1 AND version = ?2 AND find_key <> ''",
		PARAMS(P_ID(&user->id), P_INT(user->version)));
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	*ret = (struct counted){.is_there = err == OK};
	if (err == OK) {
		ret->grade = (enum grade)rows_code(&rows, 0);
		ret->state = (enum user_state)rows_code(&rows, 1);
	}
	return OK;
}

static enum err count_again(struct db *db, const struct counted *before, const struct user *after)
{
	bool is_there = !users_is_erased(after);
	if (before->is_there == is_there && before->grade == after->grade &&
	    before->state == after->state)
		return OK;
	if (before->is_there)
		TRY(stats_people_add(db, before->grade, before->state, -1));
	return is_there ? stats_people_add(db, after->grade, after->state, 1) : OK;
}

enum err users_insert(struct db *db, const struct user *user, struct users_keys keys)
{
	struct buf key CLEANUP_BUF = {0};
	struct str found_by;
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	TRY(make_find_key(db, user, &keys, &key, &found_by));
	TRY(check_no_alias(db, user));
	mac_user(&mac, db, user);
	mac_end(&mac, digest);
	TRY(db_run(
		db,
		"INSERT INTO users (id, address, address_key, name, name_key, grade, role, state, "
		"is_registered, custody, public_key, version, invited_by, created_ms, seen_ms, "
		"language, "
		"zone, mac, find_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
		"?13, ?14, "
		"?15, "
		"?16, ?17, ?18, ?19)",
		PARAMS(P_ID(&user->id), P_TEXT(user->address), P_TEXT(user->address_key),
		       P_TEXT(user->name), P_TEXT(keys.name), P_INT(user->grade), P_INT(user->role),
		       P_INT(user->state), P_INT(user->is_registered), P_INT(user->custody),
		       P_BLOB(str_bytes(user->public_key, sizeof(user->public_key))),
		       P_INT(user->version), P_ID(&user->invited_by), P_INT(user->created_ms),
		       P_INT(user->seen_ms), P_TEXT(user->language), P_TEXT(user->zone),
		       P_BLOB(str_bytes(digest, sizeof(digest))), P_TEXT(found_by)),
		NULL));
	return stats_people_add(db, user->grade, user->state, 1);
}

enum err users_update(struct db *db, struct user *user, struct users_keys keys)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	int64_t changes;
	struct user next = *user;
	struct counted before;
	struct buf key CLEANUP_BUF = {0};
	struct str found_by;
	TRY(make_find_key(db, user, &keys, &key, &found_by));
	TRY(check_no_alias(db, user));
	next.version++;
	mac_user(&mac, db, &next);
	mac_end(&mac, digest);
	TRY(read_counted(db, user, &before));
	TRY(db_run(db,
		   "UPDATE users SET name = ?3, name_key = ?4, grade = ?5, role = ?6, state = ?7, "
		   "is_registered = ?8, custody = ?9, public_key = ?10, version = ?11, language = "
		   "?12, "
		   "zone = ?13, mac = ?14, address = ?15, address_key = ?16, find_key = ?17 WHERE "
		   "id = ?1 AND version = ?2",
		   PARAMS(P_ID(&user->id), P_INT(user->version), P_TEXT(next.name),
			  P_TEXT(keys.name), P_INT(next.grade), P_INT(next.role), P_INT(next.state),
			  P_INT(next.is_registered), P_INT(next.custody),
			  P_BLOB(str_bytes(next.public_key, sizeof(next.public_key))),
			  P_INT(next.version), P_TEXT(next.language), P_TEXT(next.zone),
			  P_BLOB(str_bytes(digest, sizeof(digest))), P_TEXT(next.address),
			  P_TEXT(next.address_key), P_TEXT(found_by)),
		   &changes));
	if (changes != 1)
		return ERR_CONFLICT;
	TRY(count_again(db, &before, &next));
	user->version = next.version;
	return OK;
}

enum err users_set_seen(struct db *db, const struct id *id, int64_t seen_ms)
{
	return db_run(db, "UPDATE users SET seen_ms = ?2 WHERE id = ?1",
		      PARAMS(P_ID(id), P_INT(seen_ms)), NULL);
}

enum err users_count_seats(struct db *db, int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM users WHERE grade = ?1 AND state <> ?2",
				PARAMS(P_INT(GRADE_PROFESSIONAL), P_INT(USER_DISABLED)), ret);
}

enum err users_count_administrators(struct db *db, int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM users WHERE role = 1 AND state = 2",
				NO_PARAMS, ret);
}

struct str users_like(struct arena *arena, const char *before, struct str folded)
{
	struct buf pattern CLEANUP_BUF;
	buf_init(&pattern, 4096);
	buf_add(&pattern, str_of(before));
	for (size_t i = 0; i < folded.len; i++) {
		if (folded.data[i] == '%' || folded.data[i] == '_' || folded.data[i] == '\\')
			buf_add_char(&pattern, '\\');
		buf_add_char(&pattern, folded.data[i]);
	}
	buf_add_char(&pattern, '%');
	return arena_copy(arena, buf_str(&pattern));
}

enum err users_find(struct db *db, struct arena *arena, struct str folded,
		    const struct id *known_to, int64_t limit, struct user **ret, size_t *ret_count)
{
	struct list list = {.arena = arena,
			    .read = read_item,
			    .item_bytes = sizeof(struct user),
			    .room = (size_t)limit};
	struct str name = users_like(arena, "% ", folded);
	struct str address = users_like(arena, "", folded);
	if (known_to == NULL)
		TRY(db_list(
			db, &list,
			"SELECT " USERS_COLUMNS
			" FROM users u WHERE (u.name_key LIKE ?1 ESCAPE '\\' OR "
			"u.address_key LIKE ?2 ESCAPE '\\') AND u.state <> ?3 "
			"ORDER BY u.name_key, u.address_key LIMIT ?4",
			PARAMS(P_TEXT(name), P_TEXT(address), P_INT(USER_DISABLED), P_INT(limit))));
	else
		TRY(db_list(db, &list,
			    "SELECT " USERS_COLUMNS
			    " FROM users u WHERE (u.name_key LIKE ?1 ESCAPE '\\' OR "
			    "u.address_key LIKE ?2 ESCAPE '\\') AND u.state <> ?3 AND u.grade = "
			    "?5 AND u.id IN "
			    "(SELECT other.user_id FROM deliveries mine JOIN deliveries other ON "
			    "other.message_id = mine.message_id AND other.kind < ?7 WHERE "
			    "mine.user_id = ?6 AND mine.kind <= ?7) "
			    "ORDER BY u.name_key, u.address_key LIMIT ?4",
			    PARAMS(P_TEXT(name), P_TEXT(address), P_INT(USER_DISABLED),
				   P_INT(limit), P_INT(GRADE_PROFESSIONAL), P_ID(known_to),
				   P_INT(RECIPIENT_BCC))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err users_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct user **ret)
{
	struct list list = {.arena = arena, .read = read_item, .item_bytes = sizeof(struct user)};
	TRY(db_list_step(db, &list,
			 "SELECT " USERS_COLUMNS
			 " FROM users u WHERE u.id > ?1 ORDER BY u.id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}
