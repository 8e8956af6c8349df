#include "web/settings_page.h"

#include "http/form.h"
#include "web/page_settings.h"

static struct field day_field(struct cx *cx, const char *name, enum text_id label, struct str value,
			      const struct form_errors *errors)
{
	struct field field = field_text(cx, name, label, value);
	field.type = "date";
	field_mark(&field, errors);
	return field;
}

static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       const struct preferences *own, const struct form_errors *errors)
{
	struct settings_view view = {
		.errors = errors,
		.notify = own->notify,
		.notify_error = form_errors_for(errors, "notifications"),
		.is_away_now = own->is_away_now,
		.away_from =
			day_field(cx, "away_from", TEXT_SETTINGS_AWAY_FROM, own->away_from, errors),
		.away_until = day_field(cx, "away_until", TEXT_SETTINGS_AWAY_UNTIL, own->away_until,
					errors),
		.away_text = own->away_text,
		.away_text_error = form_errors_for(errors, "away_text"),
		.signature = own->signature,
		.signature_error = form_errors_for(errors, "signature"),
	};
	TRY(frame_init(cx, text_get(cx->language, TEXT_SETTINGS_TITLE), PLACE_ACCOUNT,
		       &view.frame));
	view.has_marks = view.frame.has_signatures ||
			 settings_have(cx->portal->settings, FEATURE_SIGNATURES);
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_settings(&html, &view);
	return OK;
}

enum err settings_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	struct preferences own;
	TRY(preferences_read(cx, &own));
	return render(cx, req, res, &own, &none);
}

enum err settings_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	TRY(form_parse(req->arena, req->body, &form));
	struct preferences next = {
		.notify = NOTIFY_EACH,
		.away_from = form_value(&form, "away_from"),
		.away_until = form_value(&form, "away_until"),
		.away_text = form_value(&form, "away_text"),
		.signature = form_value(&form, "signature"),
	};
	if (preferences_notify_parse(form_value(&form, "notifications"), &next.notify) != OK)
		form_error(cx, &errors, "notifications", TEXT_ERROR_NOTIFICATIONS_UNKNOWN);
	enum err err = preferences_write(cx, &next, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		res->status = 422;
		return render(cx, req, res, &next, &errors);
	}
	TRY(err);
	response_redirect(res, STR("/settings?done=saved"));
	return OK;
}
