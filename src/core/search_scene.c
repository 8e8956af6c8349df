#include "core/search_scene.h"

#include "core/message_key.h"
#include "core/search_text.h"

#include <stdio.h>
#include <stdlib.h>

static void must(enum err err, const char *what)
{
	if (err == OK)
		return;
	fprintf(stderr, "%s: %s\n", what, err_name(err));
	exit(1);
}

static void seal_to(struct cx *cx, const struct search_scene_message *scene,
		    const struct secret *key, struct search_scene_rows *rows)
{
	struct secret *notice CLEANUP_SECRET = NULL;
	struct delivery *delivery = &rows->deliveries[1];
	must(message_key_seal(cx, &delivery->message_id, scene->to, key, &delivery->sealed),
	     "seal");
	if (scene->expires_ms == 0)
		return;
	must(message_key_notice(key, &notice), "notice key");
	must(message_key_seal_notice(cx, &delivery->message_id, scene->to, notice,
				     &delivery->notice),
	     "seal");
}

void search_scene_prepare(struct cx *cx, const struct search_scene_message *scene,
			  struct search_scene_rows *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	int64_t now_ms = cx_now_ms(cx);
	struct str folded;
	*ret = (struct search_scene_rows){.message = {
						  .id = id_new(now_ms),
						  .sender_id = scene->from->user.id,
						  .sent_ms = now_ms,
						  .options = scene->options,
						  .expires_ms = scene->expires_ms,
						  .has_folded = !scene->is_unfolded,
					  }};
	struct message *message = &ret->message;
	message->conversation_id = message->id;
	ret->deliveries[0] = (struct delivery){
		.message_id = message->id,
		.user_id = scene->from->user.id,
		.kind = RECIPIENT_FROM,
		.box = BOX_SENT,
		.opened_ms = now_ms,
	};
	ret->deliveries[1] = (struct delivery){
		.message_id = message->id,
		.user_id = scene->to->id,
		.kind = scene->kind ? scene->kind : RECIPIENT_TO,
		.box = BOX_INBOX,
		.position = 1,
	};
	must(secret_random(&key), "key");
	must(message_key_encrypt(cx, &message->id, MESSAGE_SUBJECT, key, scene->subject,
				 &message->subject),
	     "subject");
	must(message_key_encrypt(cx, &message->id, MESSAGE_BODY, key, scene->body, &message->body),
	     "body");
	digest(message->body, message->body_hash);
	const struct search_source source = {
		.message = message,
		.deliveries = ret->deliveries,
		.delivery_count = 2,
		.subject = scene->subject,
		.body = scene->body,
	};
	must(search_text_write(cx->arena, &source, &folded), "fold");
	must(message_key_encrypt(cx, &message->id, MESSAGE_FOLDED, key, folded, &message->folded),
	     "folded");
	digest(message->folded, message->folded_hash);
	must(message_key_wrap(cx, &ret->deliveries[0], scene->from->mailbox_key, key,
			      &ret->deliveries[0].wrapped),
	     "wrap");
	seal_to(cx, scene, key, ret);
}

struct insertion {
	const struct search_scene_rows *rows;
	size_t count;
};

static enum err write_all(struct db *db, void *argument)
{
	const struct insertion *insertion = argument;
	for (size_t i = 0; i < insertion->count; i++) {
		TRY(messages_insert(db, &insertion->rows[i].message));
		TRY(deliveries_insert(db, &insertion->rows[i].deliveries[0]));
		TRY(deliveries_insert(db, &insertion->rows[i].deliveries[1]));
	}
	return OK;
}

void search_scene_insert(struct portal *portal, const struct search_scene_rows *rows, size_t count)
{
	struct insertion insertion = {rows, count};
	must(store_transact(portal->store, write_all, &insertion, NULL), "insert");
}

struct id search_scene_add(struct core_fixture *f, const struct search_scene_message *message)
{
	struct cx cx = core_fixture_cx(f, message->from);
	struct search_scene_rows rows;
	core_fixture_sleep(f, MINUTE_MS);
	search_scene_prepare(&cx, message, &rows);
	search_scene_insert(f->portal, &rows, 1);
	return rows.message.id;
}
