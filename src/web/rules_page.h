/* Who may register: registration rules, what they would do, and how many may be invited (P2.2). */
#pragma once

#include "core/registration_rule.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct rule_row {
	struct str pattern;
	struct str about; /* "addresses at example.com" */
	enum text_id words;
	bool is_allowed;
	enum grade grade;
	int64_t seen_ms; /* of the rule as it was shown */
	size_t number;   /* of the row: for the ids of its fields */
};

struct rules_view {
	struct frame frame;
	const struct form_errors *errors;
	struct str tried;    /* the address that was tried; empty: none */
	struct str sentence; /* what would happen to it */
	struct str part;     /* what is searched for */
	struct str next;     /* the last pattern shown, when there are more */
	struct rule_row *rows;
	size_t count;
	bool has_search; /* there are enough to search in */
	/* A new one, as typed. */
	struct field pattern;
	bool is_refused;
	enum grade grade;
	struct str grade_error;
	/* How many. */
	bool is_controlled;
	struct field days;
	struct field limits[3];
	int64_t version;
};

handler_fn rules_page_show, rules_page_create, rules_page_change, rules_page_delete,
	rules_page_settings;
