#include "api/api_signing_write.h"

#include "core/signing_brief.h"
#include "core/signing_plan.h"

static const char *event_word(enum audit_kind kind)
{
	static const char *const words[] = {
		[AUDIT_SIGNING_SENT] = "sent",           [AUDIT_SIGNING_OPENED] = "opened",
		[AUDIT_SIGNING_AGREED] = "agreed",       [AUDIT_SIGNING_SIGNED] = "signed",
		[AUDIT_SIGNING_DECLINED] = "declined",   [AUDIT_SIGNING_COMPLETED] = "completed",
		[AUDIT_SIGNING_CANCELLED] = "cancelled", [AUDIT_SIGNING_EXPIRED] = "expired",
		[AUDIT_SIGNING_REMINDED] = "reminded",   [AUDIT_SIGNING_DOWNLOADED] = "downloaded",
	};
	bool is_known = (size_t)kind < sizeof(words) / sizeof(words[0]) && words[kind];
	return is_known ? words[kind] : "other";
}

static void write_text_or_null(struct json_write *write, const char *key, struct str text)
{
	if (text.len > 0)
		json_write_text(write, key, text);
	else
		json_write_null(write, key);
}

static void write_signers(struct json_write *write, const struct signing_view *view)
{
	json_write_list(write, "signers");
	for (size_t i = 0; i < view->signer_count; i++) {
		const struct signing_signer *signer = &view->signers[i];
		json_write_object(write, NULL);
		json_write_text(write, "email", signer->address);
		json_write_text(write, "name", signer->name);
		json_write_text(write, "state", str_of(signing_brief_signer_word(signer->state)));
		json_write_bool(write, "is_me", signer->is_me);
		json_write_time(write, "asked_at", signer->asked_ms);
		json_write_time(write, "opened_at", signer->opened_ms);
		json_write_time(write, "signed_at",
				signer->state == SIGNER_SIGNED ? signer->ended_ms : 0);
		json_write_time(write, "declined_at",
				signer->state == SIGNER_DECLINED ? signer->ended_ms : 0);
		write_text_or_null(write, "reason", signer->reason);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void write_files(struct cx *cx, struct json_write *write, const struct signing_view *view)
{
	json_write_list(write, "files");
	for (size_t i = 0; i < view->document_count; i++) {
		const struct signing_document *document = &view->documents[i];
		const struct id *id = &document->original_id;
		json_write_object(write, NULL);
		json_write_id(write, "id", id);
		json_write_text(write, "name", document->name);
		json_write_int(write, "size", document->bytes);
		json_write_int(write, "pages", document->pages);
		json_write_int(write, "revision", document->revision);
		json_write_text(write, "sha256", document->sha256);
		json_write_text(write, "original_sha256", document->original_sha256);
		json_write_text(write, "content",
				arena_printf(cx->arena, "/api/v1/signature-requests/%s/files/%s",
					     view->message_id.text, id->text));
		/* Among the files of the message, once everybody has signed. */
		if (id_is_empty(&document->file_id))
			json_write_null(write, "sealed_file_id");
		else
			json_write_id(write, "sealed_file_id", &document->file_id);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void write_points(struct cx *cx, struct json_write *write, const char *key, double points)
{
	json_write_number(write, key, signing_plan_points(cx->arena, points));
}

static void write_field(struct cx *cx, struct json_write *write, const struct signing_field *field)
{
	json_write_text(write, "id", field->id);
	json_write_text(write, "type", str_of(signing_plan_kind_word(field->kind)));
	json_write_int(write, "page", field->box.page);
	write_points(cx, write, "x", field->box.x);
	write_points(cx, write, "y", field->box.y);
	write_points(cx, write, "width", field->box.width);
	write_points(cx, write, "height", field->box.height);
	json_write_bool(write, "required", field->is_required);
	json_write_text(write, "label", field->label);
}

static void write_my_fields(struct cx *cx, struct json_write *write,
			    const struct signing_view *view)
{
	json_write_list(write, "fields");
	for (size_t i = 0; i < view->my_field_count; i++) {
		const struct signing_field *field = &view->my_fields[i];
		json_write_object(write, NULL);
		write_field(cx, write, field);
		if (field->file < (int64_t)view->document_count)
			json_write_id(write, "file", &view->documents[field->file].original_id);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void write_events(struct json_write *write, const struct signing_view *view)
{
	json_write_list(write, "events");
	for (size_t i = 0; i < view->event_count; i++) {
		const struct signing_event_view *event = &view->events[i];
		json_write_object(write, NULL);
		json_write_text(write, "event", str_of(event_word(event->kind)));
		json_write_time(write, "at", event->at_ms);
		write_text_or_null(write, "who", event->who);
		json_write_text(write, "detail", event->detail);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

void api_signing_write(struct cx *cx, struct json_write *write, const struct signing_view *view,
		       struct str subject)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &view->message_id);
	json_write_text(write, "subject", subject);
	json_write_text(write, "state", str_of(signing_brief_state_word(view->state)));
	json_write_text(write, "order", str_of(signing_plan_order_word(view->order)));
	json_write_time(write, "deadline", view->deadline_ms);
	json_write_time(write, "ended_at", view->ended_ms);
	json_write_bool(write, "password_again", view->wants_password);
	json_write_bool(write, "can_sign", view->can_sign);
	json_write_bool(write, "can_decline", view->can_decline);
	json_write_bool(write, "can_cancel", view->can_cancel);
	json_write_bool(write, "can_remind", view->can_remind);
	if (view->can_sign)
		json_write_text(write, "consent", text_get(cx->language, TEXT_SIGN_CONSENT));
	write_signers(write, view);
	write_files(cx, write, view);
	write_my_fields(cx, write, view);
	write_events(write, view);
	json_write_object_end(write);
}

void api_signing_write_row(struct json_write *write, const struct signing_row *row)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &row->message_id);
	json_write_text(write, "subject", row->subject);
	json_write_bool(write, "unreadable", row->is_unreadable);
	json_write_bool(write, "is_mine", row->is_mine);
	json_write_text(write, "from", row->sender);
	if (row->is_unreadable) {
		json_write_object_end(write);
		return;
	}
	json_write_text(write, "state", str_of(signing_brief_state_word(row->state)));
	if (row->my_state == 0)
		json_write_null(write, "my_state");
	else
		json_write_text(write, "my_state",
				str_of(signing_brief_signer_word(row->my_state)));
	json_write_int(write, "signers", row->signer_count);
	json_write_int(write, "signed", row->signed_count);
	json_write_time(write, "sent_at", row->sent_ms);
	json_write_time(write, "deadline", row->deadline_ms);
	json_write_time(write, "ended_at", row->ended_ms);
	json_write_object_end(write);
}

static void write_terms(struct json_write *write, const struct signing_plan *plan)
{
	json_write_text(write, "order", str_of(signing_plan_order_word(plan->order)));
	json_write_int(write, "remind_after_days", plan->remind_after_days);
	json_write_int(write, "remind_every_days", plan->remind_every_days);
	json_write_int(write, "remind_before_days", plan->remind_before_days);
	json_write_bool(write, "password_again", plan->wants_password);
}

void api_signing_write_plan(struct cx *cx, struct json_write *write, const struct draft *draft)
{
	const struct signing_plan *plan = draft->signing;
	json_write_object(write, "signing");
	write_terms(write, plan);
	json_write_text(write, "deadline", plan->deadline);
	json_write_list(write, "fields");
	for (size_t i = 0; i < plan->field_count; i++) {
		const struct signing_field *field = &plan->fields[i];
		json_write_object(write, NULL);
		write_field(cx, write, field);
		json_write_text(write, "signer", field->signer);
		if (field->file < (int64_t)draft->file_count)
			json_write_id(write, "file", &draft->files[field->file]);
		json_write_object_end(write);
	}
	json_write_list_end(write);
	json_write_object_end(write);
}

/* Signers and documents of a template are places, counted from 1. */
static void write_template_fields(struct cx *cx, struct json_write *write,
				  const struct signing_plan *plan)
{
	json_write_list(write, "fields");
	for (size_t i = 0; i < plan->field_count; i++) {
		int64_t signer = 0;
		json_write_object(write, NULL);
		write_field(cx, write, &plan->fields[i]);
		if (str_to_int(plan->fields[i].signer, &signer))
			json_write_int(write, "signer", signer);
		json_write_int(write, "document", plan->fields[i].file + 1);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

void api_signing_write_template(struct cx *cx, struct json_write *write,
				const struct signing_template *of, bool with_fields)
{
	const struct signing_plan *plan = &of->plan;
	json_write_object(write, NULL);
	json_write_id(write, "id", &of->id);
	json_write_text(write, "name", of->name);
	json_write_int(write, "signer_count", (int64_t)of->signer_count);
	json_write_int(write, "document_count", (int64_t)of->document_count);
	json_write_int(write, "field_count", (int64_t)of->field_count);
	write_terms(write, plan);
	if (with_fields)
		write_template_fields(cx, write, plan);
	json_write_object_end(write);
}

void api_signing_write_facts(struct cx *cx, struct json_write *write, const struct pdf_facts *facts)
{
	json_write_object(write, NULL);
	json_write_list(write, "pages");
	for (size_t i = 0; i < facts->page_count; i++) {
		json_write_object(write, NULL);
		write_points(cx, write, "width", facts->pages[i].width);
		write_points(cx, write, "height", facts->pages[i].height);
		json_write_int(write, "rotation", facts->pages[i].rotation);
		json_write_object_end(write);
	}
	json_write_list_end(write);
	json_write_int(write, "signatures", facts->signature_count);
	json_write_bool(write, "has_scripts", facts->has_scripts);
	json_write_bool(write, "has_files", facts->has_files);
	json_write_bool(write, "has_form", facts->has_form);
	json_write_object_end(write);
}
