#include "core/message_repeat.h"

#include "base/limits.h"
#include "core/signing_plan.h"
#include "crypto/digest.h"
#include "store/mails.h"

static enum err add_plan(const struct draft *draft, struct mac *mac)
{
	struct buf plan CLEANUP_BUF;
	buf_init(&plan, LIMIT_BODY_MESSAGE);
	if (draft->signing == NULL)
		return OK;
	signing_plan_pack(&plan, draft->signing);
	mac_str(mac, buf_str(&plan));
	return plan.err;
}

/* Keyed by the user's mailbox key: the hash of a short message would tell the message. */
static enum err hash_request(struct cx *cx, const struct draft *draft, struct sending *sending)
{
	uint8_t *hashes = arena_alloc(cx->arena, 2 * DIGEST_BYTES);
	struct mac mac;
	if (hashes == NULL)
		return ERR_UNAVAILABLE;
	digest(draft->idempotency_key, hashes);
	sending->key_hash = str_bytes(hashes, DIGEST_BYTES);
	sending->request_hash = str_bytes(hashes + DIGEST_BYTES, DIGEST_BYTES);
	if (draft->is_sent_by_id) {
		/* Its text is gone once it was sent. */
		mac_begin(&mac, cx->session->mailbox_key, "request.draft");
		mac_str(&mac, id_str(&draft->kept_id));
		mac_end(&mac, hashes + DIGEST_BYTES);
		return OK;
	}
	mac_begin(&mac, cx->session->mailbox_key, "request");
	mac_str(&mac, draft->to);
	mac_str(&mac, draft->cc);
	mac_str(&mac, draft->bcc);
	mac_str(&mac, draft->subject);
	mac_str(&mac, draft->body);
	mac_int(&mac, draft->invite_as);
	mac_int(&mac, (int64_t)draft->choice_count);
	for (size_t i = 0; i < draft->choice_count; i++) {
		mac_str(&mac, draft->choices[i].address);
		mac_int(&mac, draft->choices[i].grade);
	}
	mac_str(&mac, id_str(&draft->reply_to));
	mac_str(&mac, id_str(&draft->forward_of));
	mac_int(&mac, draft->options);
	mac_int(&mac, draft->options_off);
	mac_str(&mac, draft->expires);
	/* Those of before there were files keep their hash, and so those without a plan. */
	for (size_t i = 0; i < draft->file_count; i++)
		mac_str(&mac, id_str(&draft->files[i]));
	TRY(add_plan(draft, &mac));
	mac_end(&mac, hashes + DIGEST_BYTES);
	return OK;
}

/* What an earlier request with the same key sent, told like the first time. */
static enum err tell_again(struct cx *cx, struct db *db, const struct id *message_id,
			   struct sent *ret)
{
	struct message_copy copy;
	struct message_reader *readers;
	size_t count;
	TRY(messages_get(db, cx->arena, &cx->session->user.id, message_id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	TRY(messages_readers(db, cx->arena, message_id, &readers, &count));
	struct sent sent = {.id = *message_id,
			    .conversation_id = copy.message.conversation_id,
			    .is_repeat = true};
	sent.addressing.items = ARENA_ARRAY(cx->arena, count + 1, struct addressee);
	if (sent.addressing.items == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		sent.addressing.items[sent.addressing.count++] = (struct addressee){
			.address = readers[i].user.address,
			.name = readers[i].user.name,
			.kind = readers[i].delivery.kind,
			.state = readers[i].user.state == USER_INVITED ? ADDRESSEE_PENDING
								       : ADDRESSEE_KNOWN,
			.grade = readers[i].user.grade,
		};
	*ret = sent;
	return OK;
}

enum err message_repeat_find(struct cx *cx, const struct sending *sending, struct sent *ret,
			     struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct str request_hash;
	struct id message_id;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(repeats_get(db, cx->arena, &cx->session->user.id, sending->key_hash, &request_hash,
			&message_id));
	if (!digest_eq(request_hash, sending->request_hash)) {
		form_error(cx, errors, "idempotency_key", TEXT_ERROR_IDEMPOTENCY_KEY_REUSED);
		return ERR_INVALID;
	}
	/* Sent it was; that its sender has deleted it for ever since is no reason to send it again.
	 */
	enum err err = tell_again(cx, db, &message_id, ret);
	return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
}

enum err message_repeat_key(struct cx *cx, const struct draft *draft, struct sending *ret,
			    struct form_errors *errors)
{
	if (draft->idempotency_key.len > LIMIT_IDEMPOTENCY_KEY_BYTES) {
		form_error(cx, errors, "idempotency_key", TEXT_ERROR_IDEMPOTENCY_KEY_BAD,
			   TEXT_NUMBER("count", LIMIT_IDEMPOTENCY_KEY_BYTES));
		return ERR_INVALID;
	}
	return draft->idempotency_key.len > 0 ? hash_request(cx, draft, ret) : OK;
}

enum err message_sent_before(struct cx *cx, const struct draft *draft, struct sent *ret,
			     struct form_errors *errors)
{
	struct sending sending = {0};
	TRY(message_repeat_key(cx, draft, &sending, errors));
	return sending.key_hash.len > 0 ? message_repeat_find(cx, &sending, ret, errors)
					: ERR_NOT_FOUND;
}
