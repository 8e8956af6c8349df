#include "core/search_scan.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/search_fold.h"
#include "core/search_match.h"
#include "core/search_text.h"
#include "crypto/aead.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	SLICE_MESSAGES = 128,
	HELPED_SLICES = 16, /* with fewer, a second thread would cost more than it saves */
	HELPERS_MAX = 1,    /* of one portal: the other cores serve others */
	PEOPLE_CACHED = 1024,
	PERSON_BYTES = 64 * 1024,
	KEPT_BYTES = 8 << 20, /* what one thread found and re-wrapped */
	SCRATCH_BYTES = 32 << 20,
	/* What costs more than to decrypt a short text, in bytes decrypted in the same time. */
	COST_ROW = 4096,
	COST_SEALED = 96 * 1024,
	COST_UNFOLDED = 256 * 1024,
	REWRAPS_MAX = LIMIT_SEARCH_COST / COST_SEALED + 2 * SLICE_MESSAGES,
};

/* Shared by both threads. */
struct scan {
	struct cx *cx;
	const struct search_query *query;
	const struct messages_scan *range;
	const struct id *marks; /* where each slice ends */
	size_t slice_count;
	size_t limit;
	search_rest all, from;
	int64_t now_ms;

	pthread_mutex_t lock;
	size_t next_slice;
	size_t found;
	int64_t cost;
	enum err err;
};

struct cached_person {
	struct id id; /* empty: free */
	struct search_person_bits bits;
};

struct worker {
	struct scan *scan;
	struct cx cx;         /* with the scratch arena */
	struct arena scratch; /* of one message */
	struct arena kept;
	struct db *db;
	struct buf plain;
	struct search_found *found;
	size_t found_count, found_room;
	struct rewrap rewrap;
	int64_t cost;
	struct cached_person people[PEOPLE_CACHED];
	size_t people_count;
};

/* ---- people ---- */

static enum err load_person(struct worker *worker, const struct id *id,
			    struct search_person_bits *ret)
{
	struct arena arena CLEANUP_ARENA;
	struct user user;
	struct str folded;
	arena_init(&arena, PERSON_BYTES);
	enum err err = users_by_id(worker->db, &arena, id, &user);
	*ret = (struct search_person_bits){0};
	if (err == OK)
		err = search_fold(&arena,
				  arena_printf(&arena, "%.*s <%.*s>", STR_ARGS(user.name),
					       STR_ARGS(user.address)),
				  &folded);
	if (err == OK)
		*ret = search_match_person(worker->scan->query, folded,
					   id_eq(id, &worker->cx.session->user.id));
	/* Somebody whose row fails its check is nobody. */
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT || err == ERR_INVALID ? OK : err;
}

static size_t place_of(const struct id *id)
{
	uint64_t hash = 0;
	/* The last characters are random. */
	for (size_t i = ID_CHARS - 8; i < ID_CHARS; i++)
		hash = hash * 37 + (unsigned char)id->text[i];
	return hash % PEOPLE_CACHED;
}

static enum err find_person(struct worker *worker, const struct id *id,
			    struct search_person_bits *ret)
{
	size_t at = place_of(id);
	for (; !id_is_empty(&worker->people[at].id); at = (at + 1) % PEOPLE_CACHED) {
		if (id_eq(&worker->people[at].id, id)) {
			*ret = worker->people[at].bits;
			return OK;
		}
	}
	TRY(load_person(worker, id, ret));
	if (worker->people_count < PEOPLE_CACHED * 3 / 4) {
		worker->people[at] = (struct cached_person){*id, *ret};
		worker->people_count++;
	}
	return OK;
}

static enum err match_sender(struct worker *worker, const struct id *sender_id, search_rest *rest)
{
	struct search_person_bits bits;
	TRY(find_person(worker, sender_id, &bits));
	*rest &= ~bits.as_sender;
	return OK;
}

static enum err match_recipients(struct worker *worker, const struct search_text *text,
				 search_rest *rest)
{
	const struct id *self = &worker->cx.session->user.id;
	for (size_t i = 0; i < text->people_count && *rest; i++) {
		struct search_person person = search_text_person(text, i);
		struct search_person_bits bits;
		/* Bcc is for the sender and for that person. */
		if (person.kind == RECIPIENT_BCC && !id_eq(&text->sender_id, self) &&
		    !id_eq(&person.user_id, self))
			continue;
		TRY(find_person(worker, &person.user_id, &bits));
		*rest &= ~bits.as_recipient;
	}
	return OK;
}

/* ---- what was found ---- */

static enum err keep_found(struct worker *worker, const struct scan_row *row, bool is_by_folded)
{
	if (worker->found_count == worker->found_room) {
		size_t room = worker->found_room ? worker->found_room * 2 : 64;
		struct search_found *found = ARENA_ARRAY(&worker->kept, room, struct search_found);
		if (found == NULL)
			return ERR_UNAVAILABLE;
		for (size_t i = 0; i < worker->found_count; i++)
			found[i] = worker->found[i];
		worker->found = found;
		worker->found_room = room;
	}
	struct search_found *found = &worker->found[worker->found_count++];
	*found = (struct search_found){.id = row->delivery.message_id};
	found->is_by_folded = is_by_folded;
	if (is_by_folded)
		digest(row->folded, found->folded_hash);
	return OK;
}

/* ---- keys ---- */

/* What the scan has seen of it is not authenticated, and a sealed key alone says nothing of who
 * sealed it. */
static enum err keep_rewrapped(struct worker *worker, const struct scan_row *row,
			       const struct secret *key)
{
	struct message_copy copy = {.is_authentic = true};
	struct cx cx = worker->cx;
	cx.arena = &worker->kept;
	if (worker->rewrap.count == REWRAPS_MAX)
		return OK;
	enum err err = deliveries_get(worker->db, &worker->kept, &row->delivery.user_id,
				      &row->delivery.message_id, &copy.delivery);
	if (err == OK && str_eq(copy.delivery.sealed, row->delivery.sealed))
		mailbox_read_rewrap(&cx, &worker->rewrap, &copy, key, 0);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

static enum err unreadable(const struct scan_row *row, enum err err)
{
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "message.unreadable",
		  LOG_STR("message", id_str(&row->delivery.message_id)));
	return OK;
}

/* *ret stays NULL for what fails its check. */
static enum err open_key(struct worker *worker, const struct scan_row *row, struct secret **ret)
{
	const struct session *session = worker->cx.session;
	bool is_sealed = row->delivery.wrapped.len == 0;
	enum err err = message_key_open(&row->delivery, &session->user, session->private_key,
					session->mailbox_key, ret);
	if (err == OK && is_sealed) {
		worker->cost += COST_SEALED;
		err = keep_rewrapped(worker, row, *ret);
	}
	return unreadable(row, err);
}

/* ---- texts ---- */

/* Of a message from before there was search: made as when it is stored. */
static enum err fold_now(struct worker *worker, const struct scan_row *row,
			 const struct secret *key, struct str *ret)
{
	struct message_copy copy;
	struct delivery *deliveries;
	size_t count;
	int64_t bad;
	struct str subject, body;
	struct arena *arena = &worker->scratch;
	const struct id *id = &row->delivery.message_id;
	worker->cost += COST_UNFOLDED;
	TRY(messages_get(worker->db, arena, &row->delivery.user_id, id, &copy));
	/* Without a folded text that it was stored with, it is bent as well. */
	if (!copy.is_authentic || copy.message.has_folded)
		return ERR_CORRUPT;
	TRY(message_key_decrypt(&worker->cx, &copy.delivery, MESSAGE_SUBJECT, key,
				copy.message.subject, &subject));
	TRY(message_key_decrypt(&worker->cx, &copy.delivery, MESSAGE_BODY, key, copy.message.body,
				&body));
	TRY(deliveries_of_message(worker->db, arena, id, &deliveries, &count, &bad));
	/* Nor were there files then. */
	const struct search_source source = {
		.message = &copy.message,
		.deliveries = deliveries,
		.delivery_count = count,
		.subject = subject,
		.body = body,
	};
	return search_text_write(arena, &source, ret);
}

static enum err open_folded(struct worker *worker, const struct scan_row *row,
			    const struct secret *key, struct str *ret)
{
	size_t len;
	if (row->folded.data == NULL)
		return fold_now(worker, row, key, ret);
	worker->cost += (int64_t)row->folded.len;
	buf_clear(&worker->plain);
	char *room = buf_reserve(&worker->plain, row->folded.len);
	if (room == NULL)
		return ERR_UNAVAILABLE;
	TRY(message_key_decrypt_folded(&row->delivery.message_id, key, row->folded, room, &len));
	*ret = (struct str){room, len};
	return OK;
}

static enum err match_whole(struct worker *worker, const struct scan_row *row,
			    const struct secret *key, search_rest rest)
{
	const struct search_query *query = worker->scan->query;
	struct str bytes;
	struct search_text text;
	TRY(open_folded(worker, row, key, &bytes));
	TRY(search_text_read(bytes, &text));
	if (query->has_file && text.file_count == 0)
		return OK;
	TRY(match_sender(worker, &text.sender_id, &rest));
	if (rest & worker->scan->from)
		return OK;
	rest &= ~search_match_text(query, rest, text.text);
	TRY(match_recipients(worker, &text, &rest));
	return rest == 0 ? keep_found(worker, row, row->folded.data != NULL) : OK;
}

/* After the end only the subject is left, and who wrote it. */
static enum err match_notice(struct worker *worker, const struct scan_row *row,
			     const struct secret *key, search_rest rest)
{
	struct message_copy copy;
	struct str subject, folded;
	if (worker->scan->query->has_file)
		return OK;
	TRY(messages_get_head(worker->db, &worker->scratch, &row->delivery.user_id,
			      &row->delivery.message_id, &copy));
	if (!copy.is_authentic)
		return OK; /* an alarm was logged */
	TRY(message_key_decrypt(&worker->cx, &row->delivery, MESSAGE_SUBJECT, key,
				copy.message.subject, &subject));
	TRY(search_fold(&worker->scratch, subject, &folded));
	TRY(match_sender(worker, &copy.message.sender_id, &rest));
	rest &= ~search_match_text(worker->scan->query, rest, folded);
	return rest == 0 ? keep_found(worker, row, false) : OK;
}

static enum err match(struct worker *worker, const struct scan_row *row)
{
	struct secret *key CLEANUP_SECRET = NULL;
	bool is_over = row->delivery.ended != DELIVERY_LIVE ||
		       (row->expires_ms > 0 && row->expires_ms <= worker->scan->now_ms);
	TRY(open_key(worker, row, &key));
	if (key == NULL)
		return OK;
	enum err err = is_over ? match_notice(worker, row, key, worker->scan->all)
			       : match_whole(worker, row, key, worker->scan->all);
	if (worker->scratch.blocks)
		arena_release(&worker->scratch);
	/* Deleted for ever meanwhile. */
	return err == ERR_NOT_FOUND ? OK : unreadable(row, err);
}

static enum err look(void *argument, const struct scan_row *row)
{
	struct worker *worker = argument;
	const struct search_query *query = worker->scan->query;
	worker->cost += COST_ROW;
	if ((query->is_unread && !row->is_unread) || (query->is_read && row->is_unread))
		return OK;
	if (worker->scan->all == 0 && !query->has_file)
		return keep_found(worker, row, false);
	return match(worker, row);
}

/* ---- slices ---- */

/* False: there is nothing more to do. */
static bool take_slice(struct scan *scan, size_t *ret)
{
	pthread_mutex_lock(&scan->lock);
	bool is_more = scan->err == OK && scan->found < scan->limit &&
		       scan->cost < LIMIT_SEARCH_COST && scan->next_slice < scan->slice_count;
	if (is_more)
		*ret = scan->next_slice++;
	pthread_mutex_unlock(&scan->lock);
	return is_more;
}

static void finish_slice(struct worker *worker, size_t found, enum err err)
{
	struct scan *scan = worker->scan;
	pthread_mutex_lock(&scan->lock);
	scan->found += found;
	scan->cost += worker->cost;
	if (err != OK)
		scan->err = err;
	pthread_mutex_unlock(&scan->lock);
	worker->cost = 0;
}

static void work(struct worker *worker)
{
	struct scan *scan = worker->scan;
	size_t i;
	enum err err = store_read_begin_scan(scan->cx->portal->store, &worker->db);
	if (err != OK) {
		finish_slice(worker, 0, err);
		return;
	}
	while (take_slice(scan, &i)) {
		AEAD_BATCH;
		struct messages_scan slice = *scan->range;
		size_t before = worker->found_count;
		if (i > 0)
			slice.before = scan->marks[i - 1];
		slice.from = scan->marks[i];
		err = messages_scan(worker->db, &slice, look, worker);
		finish_slice(worker, worker->found_count - before, err);
	}
	store_read_end(worker->db);
}

static struct worker *worker_new(struct scan *scan)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return NULL;
	worker->scan = scan;
	worker->cx = *scan->cx;
	worker->cx.arena = &worker->scratch;
	arena_init(&worker->scratch, SCRATCH_BYTES);
	arena_init(&worker->kept, KEPT_BYTES);
	buf_init(&worker->plain, SCRATCH_BYTES);
	return worker;
}

static void worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	arena_release(&worker->scratch);
	arena_release(&worker->kept);
	buf_release(&worker->plain);
	free(worker);
}

/* ---- the second thread ---- */

static void *help(void *argument)
{
	work(argument);
	return NULL;
}

/* NULL: this one goes alone. */
static struct worker *begin_help(struct scan *scan, pthread_t *ret_thread)
{
	_Atomic int *helpers = &scan->cx->portal->search_helpers;
	struct worker *helper = NULL;
	if (scan->slice_count < HELPED_SLICES)
		return NULL;
	if (++*helpers <= HELPERS_MAX)
		helper = worker_new(scan);
	if (helper && pthread_create(ret_thread, NULL, help, helper) == 0)
		return helper;
	worker_free(helper);
	--*helpers;
	return NULL;
}

static void end_help(struct worker *helper, pthread_t thread)
{
	if (helper == NULL)
		return;
	pthread_join(thread, NULL);
	--helper->scan->cx->portal->search_helpers;
}

/* ---- all together ---- */

static int newest_first(const void *left, const void *right)
{
	const struct search_found *a = left, *b = right;
	return -str_compare(id_str(&a->id), id_str(&b->id));
}

static size_t gather(struct worker *worker, struct search_found *into)
{
	if (worker == NULL)
		return 0;
	for (size_t i = 0; i < worker->found_count; i++)
		into[i] = worker->found[i];
	/* Its cx has the scratch arena, which is empty by now. */
	mailbox_read_finish(&worker->cx, &worker->rewrap);
	return worker->found_count;
}

static enum err run(struct scan *scan, struct search_scan_result *ret)
{
	pthread_t thread;
	struct worker *own = worker_new(scan);
	if (own == NULL)
		return ERR_UNAVAILABLE;
	struct worker *helper = begin_help(scan, &thread);
	work(own);
	end_help(helper, thread);
	enum err err = scan->err;
	size_t count = own->found_count + (helper ? helper->found_count : 0);
	struct search_found *found = ARENA_ARRAY(scan->cx->arena, count + 1, struct search_found);
	if (found == NULL)
		err = ERR_UNAVAILABLE;
	if (err == OK) {
		size_t first = gather(own, found);
		gather(helper, found + first);
		qsort(found, count, sizeof(*found), newest_first);
		*ret = (struct search_scan_result){.found = found, .count = count};
	}
	worker_free(own);
	worker_free(helper);
	return err;
}

static enum err mark(struct cx *cx, const struct messages_scan *range, struct id **ret,
		     size_t *ret_count, bool *ret_is_all)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t total;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_scan_marks(db, cx->arena, range, LIMIT_SEARCH_MESSAGES, SLICE_MESSAGES, ret,
				ret_count, &total));
	*ret_is_all = total < LIMIT_SEARCH_MESSAGES;
	return OK;
}

enum err search_scan(struct cx *cx, const struct search_query *query,
		     const struct messages_scan *range, size_t limit,
		     struct search_scan_result *ret)
{
	struct id *marks;
	bool is_all;
	struct scan scan = {
		.cx = cx,
		.query = query,
		.range = range,
		.limit = limit,
		.all = search_match_all(query),
		.from = search_match_from(query),
		.now_ms = cx_now_ms(cx),
	};
	TRY(mark(cx, range, &marks, &scan.slice_count, &is_all));
	scan.marks = marks;
	pthread_mutex_init(&scan.lock, NULL);
	enum err err = run(&scan, ret);
	pthread_mutex_destroy(&scan.lock);
	TRY(err);
	/* Slices are taken in their order and finished once they are taken. */
	if (scan.next_slice < scan.slice_count || !is_all)
		ret->looked_to = scan.marks[scan.next_slice - 1];
	return OK;
}
