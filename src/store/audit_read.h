/* For store/: rows of audit. */
#pragma once

#include "store/audit.h"

/* The columns in the order audit_read() takes them. */
#define AUDIT_COLUMNS "number, at_ms, kind, actor_id, object_id, detail, chain"
void audit_read(struct rows *rows, struct audit_entry *ret);
/* The same, for lists. */
enum err audit_read_item(struct list *list, struct rows *rows, void *item) MUST_CHECK;

/* A kind that a set cannot hold is none that was written. */
#define AUDIT_KIND_IN(column, set)                                                                 \
	"CASE WHEN " column " BETWEEN 1 AND 62 THEN (CAST(1 AS BIGINT) << CAST(" column            \
	" AS INTEGER)) & " set " ELSE 0 END <> 0"
