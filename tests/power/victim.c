#include "power/victim.h"

#include "core/message.h"
#include "core/outbox.h"
#include "core/register.h"
#include "core/settings_live.h"
#include "power/upload.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 16 << 20, CLAIM_MS = 60 * 1000, FORGET_EVERY_US = 20 * 1000 };

static const struct password_cost cheap = {.memory_bytes = 8192, .passes = 1};

struct str victim_guest(struct arena *arena, uint32_t number)
{
	return arena_printf(arena, "guest%u@example.com", number);
}

struct str victim_subject(struct arena *arena, uint32_t number)
{
	return arena_printf(arena, "Message %u", number);
}

static struct portal_options options_for(const char *folder, bool is_unsafe)
{
	return (struct portal_options){
		.data_dir = str_of(folder), .password_cost = &cheap, .is_store_unsafe = is_unsafe};
}

enum err victim_open(const char *folder, bool is_unsafe, struct portal **ret)
{
	struct portal_options options = options_for(folder, is_unsafe);
	return portal_open(&options, ret);
}

struct cx victim_cx(struct arena *arena, struct portal *portal)
{
	return (struct cx){.arena = arena, .portal = portal, .language = language_find(STR("en"))};
}

enum err victim_sign_in(struct cx *cx, struct str address)
{
	struct sign_in sign_in;
	int64_t wait_s;
	TRY(session_sign_in(cx, address, VICTIM_PASSWORD, SESSION_API, STR("power cut"), &sign_in,
			    &wait_s));
	cx->session = sign_in.session;
	return OK;
}

static enum err register_by_link(struct cx *cx, struct str link, struct str name)
{
	struct registration registration;
	struct form_errors errors = {0};
	struct str token = STR_NONE;
	while (str_next(&link, '/', &token))
		;
	TRY(register_complete(cx, token, name, VICTIM_PASSWORD, true, SESSION_API, STR("power cut"),
			      &registration, &errors));
	session_release(registration.sign_in.session);
	return OK;
}

static enum err send_message(struct cx *cx, struct str to, enum grade invite_as, uint32_t number,
			     struct id *ret)
{
	struct form_errors errors = {0};
	struct sent sent;
	struct draft draft = {.to = to,
			      .subject = victim_subject(cx->arena, number),
			      .body = STR("The power may go at any moment."),
			      .invite_as = invite_as};
	TRY(message_send(cx, &draft, &sent, &errors));
	*ret = sent.id;
	return OK;
}

/* ---- what the threads do ---- */

struct worker {
	struct portal *portal;
	int round;
	int index;
	int acks;
};

/* Writes up to PIPE_BUF bytes are never torn. */
static void tell(const struct worker *worker, enum ack_kind kind, uint32_t number,
		 const struct id *id)
{
	struct ack ack = {.at_ns = ledger_clock_ns(), .kind = kind, .number = number};
	if (id)
		ack.id = *id;
	if (write(worker->acks, &ack, sizeof(ack)) != sizeof(ack))
		_exit(1); /* the parent is gone */
}

static void tell_failure(const struct worker *worker, const char *what, enum err err)
{
	struct id doing;
	snprintf(doing.text, sizeof(doing.text), "%s", what);
	tell(worker, ACK_FAILED, err, &doing);
}

static void *send_messages(void *argument)
{
	const struct worker *worker = argument;
	struct arena session_arena CLEANUP_ARENA = {0};
	arena_init(&session_arena, ARENA_BYTES);
	struct cx cx = victim_cx(&session_arena, worker->portal);
	enum err err = victim_sign_in(&cx, VICTIM_SENDER);
	for (int n = 0; err == OK && n < LEDGER_PER_THREAD; n++) {
		uint32_t number = ledger_number(worker->round, worker->index, n);
		struct arena arena CLEANUP_ARENA = {0};
		struct id id;
		arena_init(&arena, ARENA_BYTES);
		cx.arena = &arena;
		struct str to =
			ledger_is_invitation(number) ? victim_guest(&arena, number) : VICTIM_READER;
		err = send_message(&cx, to, GRADE_GUEST, number, &id);
		if (err == OK)
			tell(worker, ACK_SENT, number, &id);
	}
	if (err != OK)
		tell_failure(worker, "sending", err);
	session_release(cx.session);
	return NULL;
}

/* The number in "guest123@example.com". */
static uint32_t number_of(struct str address)
{
	uint32_t number = 0;
	for (size_t i = strlen("guest"); i < address.len && address.data[i] != '@'; i++)
		number = number * 10 + (uint32_t)(address.data[i] - '0');
	return number;
}

static enum err handle_mail(const struct worker *worker, struct cx *cx, const char **ret_doing)
{
	struct outbox_mail mail;
	int64_t next_due_ms;
	*ret_doing = "claiming a mail";
	enum err err = outbox_claim(cx, CLAIM_MS, &mail, &next_due_ms);
	if (err == ERR_NOT_FOUND) {
		usleep(1000);
		return OK;
	}
	TRY(err);
	*ret_doing = "settling a mail";
	TRY(outbox_settle(cx, &mail, OUTBOX_ACCEPTED, STR("250 taken")));
	tell(worker, ACK_SETTLED, 0, &mail.id);
	if (mail.kind != MAIL_INVITATION)
		return OK;
	*ret_doing = "registering";
	TRY(register_by_link(cx, mail.link, STR("A Guest")));
	tell(worker, ACK_REGISTERED, number_of(mail.to_address), NULL);
	return OK;
}

static void *deliver_mails(void *argument)
{
	const struct worker *worker = argument;
	const char *doing;
	enum err err = OK;
	while (err == OK) {
		struct arena arena CLEANUP_ARENA = {0};
		arena_init(&arena, ARENA_BYTES);
		struct cx cx = victim_cx(&arena, worker->portal);
		err = handle_mail(worker, &cx, &doing);
	}
	tell_failure(worker, doing, err);
	return NULL;
}

static void tell_upload(void *argument, const struct id *id, int64_t offset)
{
	tell(argument, ACK_UPLOADED, (uint32_t)offset, id);
}

static void *upload_files(void *argument)
{
	struct worker *worker = argument;
	struct arena session_arena CLEANUP_ARENA = {0};
	arena_init(&session_arena, ARENA_BYTES);
	struct cx cx = victim_cx(&session_arena, worker->portal);
	enum err err = victim_sign_in(&cx, VICTIM_SENDER);
	while (err == OK) {
		struct arena arena CLEANUP_ARENA = {0};
		arena_init(&arena, ARENA_BYTES);
		cx.arena = &arena;
		err = upload_one(&cx, tell_upload, worker);
	}
	tell_failure(worker, "uploading", err);
	session_release(cx.session);
	return NULL;
}

static void *forget(void *argument)
{
	const struct worker *worker = argument;
	/* A checkpoint that cannot be made now is made later: only the sends and deliveries must
	 * not fail. */
	while (store_forget(worker->portal->store) == OK)
		usleep(FORGET_EVERY_US);
	return NULL;
}

/* ---- a round ---- */

enum { SENDERS = LEDGER_THREADS, DELIVERERS = 3, WORKERS = SENDERS + DELIVERERS + 2 };

static void *(*work_of(int index))(void *)
{
	if (index < SENDERS)
		return send_messages;
	if (index < SENDERS + DELIVERERS)
		return deliver_mails;
	return index == WORKERS - 1 ? forget : upload_files;
}

void victim_run(const char *folder, int round, bool is_unsafe, int acks)
{
	struct worker workers[WORKERS];
	pthread_t threads[WORKERS];
	struct worker me = {.round = round, .acks = acks};
	enum err err = victim_open(folder, is_unsafe, &me.portal);
	if (err != OK) {
		tell_failure(&me, "opening the portal", err);
		return;
	}
	tell(&me, ACK_READY, 0, NULL);
	for (int i = 0; i < WORKERS; i++) {
		workers[i] = me;
		workers[i].index = i;
		if (pthread_create(&threads[i], NULL, work_of(i), &workers[i]) != 0)
			_exit(1);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	pause(); /* the power goes before a portal can be closed in order */
}

static enum err send_as_fast_as_it_can(struct cx *cx)
{
	const struct setting_change change = {STR("messages_per_hour_professional"),
					      STR("100000000")};
	struct form_errors errors = {0};
	return settings_live_change(cx, &change, 1, 0, &errors);
}

static enum err register_reader(struct cx *cx)
{
	struct id id;
	TRY(victim_sign_in(cx, VICTIM_SENDER));
	TRY(send_message(cx, VICTIM_READER, GRADE_PROFESSIONAL, LEDGER_NUMBERS, &id));
	session_release(cx->session);
	cx->session = NULL;
	for (;;) {
		struct outbox_mail mail;
		int64_t next_due_ms;
		TRY(outbox_claim(cx, MINUTE_MS, &mail, &next_due_ms));
		TRY(outbox_settle(cx, &mail, OUTBOX_ACCEPTED, STR_NONE));
		if (mail.kind == MAIL_INVITATION && str_eq(mail.to_address, VICTIM_READER))
			return register_by_link(cx, mail.link, STR("Ben Reader"));
	}
}

enum err victim_set_up(const char *folder)
{
	struct arena arena CLEANUP_ARENA = {0};
	struct portal *portal = NULL;
	struct str link;
	struct portal_options options = options_for(folder, false);
	struct portal_setup setup = {.name = STR("Power"),
				     .url = STR("http://localhost:8080"),
				     .admin_address = VICTIM_SENDER,
				     .custody = CUSTODY_MANAGED};
	arena_init(&arena, ARENA_BYTES);
	TRY(portal_create(&options, &setup, &arena, &link));
	TRY(victim_open(folder, false, &portal));
	struct cx cx = victim_cx(&arena, portal);
	enum err err = send_as_fast_as_it_can(&cx);
	if (err == OK)
		err = register_by_link(&cx, link, STR("Anna Sender"));
	if (err == OK)
		err = register_reader(&cx);
	portal_close(portal);
	return err;
}
