/* The end of a request: the seal with the audit trail, and the copies for everybody. */
#include "core/file_head.h"
#include "core/file_key.h"
#include "core/signing_round.h"
#include "core/signing_trail.h"
#include "store/message_files.h"

#include <string.h>

enum err signing_seal_document(struct signing_round *round, int64_t position,
			       const struct pdf_bytes *signed_document, struct pdf_open *ret,
			       int64_t *ret_stamped_ms, enum pdf_refusal *ret_refusal)
{
	struct cx *cx = round->cx;
	const struct settings *settings = cx->portal->settings;
	struct pdf_signing signing = {
		.kind = PDF_SEAL,
		.name = settings->name,
		.reason = text_get(language_find(round->one->sender.language),
				   TEXT_SIGNING_TRAIL_SEALED),
		.contact = settings->url,
		.at_ms = round->now_ms,
	};
	TRY(signing_trail_write(cx, round->one, position, &signing.trail));
	TRY(pdf_open_signature(cx->portal->pdf, signed_document, &signing, ret, ret_refusal));
	return signing_cms_close(cx, ret, PDF_SEAL, NULL, round->stamping, ret_stamped_ms);
}

/* ---- copies ---- */

static bool gets_copies(const struct delivery *delivery)
{
	return delivery->ended == DELIVERY_LIVE && delivery->box != BOX_DESTROYED &&
	       delivery->kind != RECIPIENT_QUOTED;
}

static enum err read_readers(struct signing_round *round)
{
	struct db *db CLEANUP_READ = NULL;
	struct arena *arena = round->cx->arena;
	struct signing_copies *copies = &round->copies;
	struct delivery *deliveries;
	size_t count;
	int64_t bad;
	TRY(store_read_begin(round->cx->portal->store, &db));
	TRY(deliveries_of_message(db, arena, &round->one->signing.message_id, &deliveries, &count,
				  &bad));
	copies->readers = ARENA_ARRAY(arena, count + 1, struct user);
	if (copies->readers == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		if (gets_copies(&deliveries[i]))
			TRY(users_by_id(db, arena, &deliveries[i].user_id,
					&copies->readers[copies->reader_count++]));
	return OK;
}

static enum err add_file(struct signing_round *round, int64_t position)
{
	struct cx *cx = round->cx;
	const struct signing_case *one = round->one;
	const struct signing_version *version = &round->versions[position];
	struct signing_copies *copies = &round->copies;
	struct message_file *file = &copies->files[copies->file_count++];
	struct file_head head = {
		.name = one->heads[position].name,
		.type = STR("application/pdf"),
		.bytes = version->bytes,
	};
	memcpy(head.sha256, version->sha256, sizeof(head.sha256));
	*file = (struct message_file){
		.message_id = one->signing.message_id,
		.file_id = version->file_id,
		.position = position,
	};
	TRY(file_head_encrypt_in_message(cx, &file->message_id, &file->file_id, one->message_key,
					 &head, &file->head));
	for (size_t i = 0; i < copies->reader_count; i++) {
		struct file_delivery *delivery = &copies->deliveries[copies->delivery_count++];
		*delivery = (struct file_delivery){
			.message_id = file->message_id,
			.file_id = file->file_id,
			.user_id = copies->readers[i].id,
		};
		TRY(file_key_seal(cx, &file->message_id, &file->file_id, &copies->readers[i],
				  version->key, &delivery->sealed));
	}
	return OK;
}

/* Whoever signed last knows. */
static enum err prepare_letters(struct signing_round *round)
{
	struct cx *cx = round->cx;
	const struct signing_case *one = round->one;
	struct signing_copies *copies = &round->copies;
	round->letters = ARENA_ARRAY(cx->arena, copies->reader_count + 1, struct signing_letter);
	if (round->letters == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < copies->reader_count; i++) {
		const struct user *reader = &copies->readers[i];
		bool is_sender = id_eq(&reader->id, &one->sender.id);
		if (id_eq(&reader->id, &cx->session->user.id))
			continue;
		TRY(signing_mail_prepare(cx, SIGNING_LETTER_COMPLETED, &one->signing,
					 is_sender ? NULL : &one->sender, reader, round->subject,
					 &round->letters[round->letter_count++]));
	}
	return OK;
}

enum err signing_seal_copies(struct signing_round *round)
{
	struct signing_copies *copies = &round->copies;
	struct arena *arena = round->cx->arena;
	size_t documents = (size_t)round->one->signing.document_count;
	TRY(read_readers(round));
	copies->files = ARENA_ARRAY(arena, documents + 1, struct message_file);
	copies->deliveries =
		ARENA_ARRAY(arena, documents * copies->reader_count + 1, struct file_delivery);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < documents; i++)
		TRY(add_file(round, (int64_t)i));
	return prepare_letters(round);
}

/* Whoever registered meanwhile has another key by now. */
static enum err check_readers(struct db *db, const struct signing_copies *copies)
{
	for (size_t i = 0; i < copies->reader_count; i++) {
		int64_t version;
		TRY(users_version(db, &copies->readers[i].id, &version));
		if (version != copies->readers[i].version)
			return ERR_CONFLICT;
	}
	return OK;
}

/* Nor is anybody given one who has lost the message meanwhile. */
static enum err write_copy(struct db *db, const struct signing_round *round,
			   const struct file_delivery *delivery)
{
	bool is_live;
	TRY(deliveries_is_live(db, &delivery->user_id, &delivery->message_id, &is_live));
	if (!is_live)
		return OK;
	TRY(file_deliveries_insert(db, delivery));
	return library_add(db, &delivery->user_id, &delivery->file_id, round->now_ms);
}

enum err signing_seal_write(struct db *db, const struct signing_round *round)
{
	const struct signing_copies *copies = &round->copies;
	TRY(check_readers(db, copies));
	for (size_t i = 0; i < copies->file_count; i++)
		TRY(message_files_insert(db, &copies->files[i]));
	for (size_t i = 0; i < copies->delivery_count; i++)
		TRY(write_copy(db, round, &copies->deliveries[i]));
	return OK;
}
