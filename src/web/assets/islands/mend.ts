import { find, findAll, make } from './dom';
import { enhanceRows } from './rows';

/**
 * Brings the page up to date with a fresh copy of itself (or of any page, for the navigation), without disturbing whoever
 * uses it: ticks, focus, what is unfolded and what is being typed stay. True: the conversation has a message more.
 */
export function mendPage(fresh: Document): boolean {
	mendUnread(fresh);
	mendRows(fresh);
	return mendMessages(fresh);
}

/** Takes the text of a message off the screen; false if it is not there. */
export function isRecalled(id: string, notice: string): boolean {
	const body = id && find(`#m${CSS.escape(id)} .body`);
	if (!body) return false;
	body.replaceWith(make('p', { class: 'soft body' }, notice));
	return true;
}

const copy = <T extends Node>(node: T): T => document.importNode(node, true);
const copies = (parent: Element): Node[] => [...parent.childNodes].map(node => copy(node));
const hasFocus = (element: Element): boolean => element.contains(document.activeElement);

function mendUnread(fresh: Document): void {
	const link = find('.nav a[href="/inbox"]');
	const next = find('.nav a[href="/inbox"]', fresh);
	if (link && next && link.innerHTML !== next.innerHTML) link.replaceChildren(...copies(next));
}

/* ---- lists ---- */

const idOf = (row: Element): string => find<HTMLInputElement>('input[name=id]', row)?.value ?? '';

function mendRows(fresh: Document): void {
	const place = find('[data-live-rows]');
	const next = find('[data-live-rows]', fresh);
	if (!place || !next) return;
	const list = find('.rows', place);
	const nextList = find('.rows', next);
	if (list && nextList) mendList(list, nextList);
	else if (list || nextList) {
		place.replaceChildren(...copies(next));
		enhanceRows();
	}
}

function mendList(list: Element, next: Element): void {
	const olds = new Map([...list.children].map(row => [idOf(row), row]));
	let before: Element | null = null;
	for (const row of next.children) {
		const old = olds.get(idOf(row));
		olds.delete(idOf(row));
		const here: Element = old ? mendRow(old, row) : copy(row);
		const wanted: Element | null = before ? before.nextElementSibling : list.firstElementChild;
		if (wanted !== here) list.insertBefore(here, wanted);
		before = here;
	}
	// What somebody has ticked or is standing on stays until they leave the page.
	for (const old of olds.values())
		if (!hasFocus(old) && !find<HTMLInputElement>('input[name=id]', old)?.checked) old.remove();
	list.dispatchEvent(new Event('change', { bubbles: true })); // all of them may be others now
}

function mendRow(old: Element, row: Element): Element {
	const link = find('.row-link', old);
	const next = find('.row-link', row);
	old.className = row.className;
	if (link && next && link.innerHTML !== next.innerHTML) link.replaceChildren(...copies(next));
	return old;
}

/* ---- messages ---- */

function mendMessages(fresh: Document): boolean {
	for (const message of findAll('article.message')) {
		// One that is folded has a link to it, and nothing that could be out of date.
		const next = !message.classList.contains('is-folded') && fresh.getElementById(message.id);
		if (next) mendMessage(message, next);
	}
	return findAll('article.message', fresh).some(message => !document.getElementById(message.id))
		&& find('article.message') !== null;
}

function mendMessage(message: Element, next: Element): void {
	if (looksLike(message) === looksLike(next)) return;
	const now = copy(next);
	const details = findAll<HTMLDetailsElement>('details', message);
	findAll<HTMLDetailsElement>('details', now).forEach((one, at) => {
		const old = details[at];
		if (old && old.className === one.className) one.open = old.open;
	});
	if (!hasFocus(message)) message.replaceWith(now);
	else for (const part of ['.delivery', '.body', '.quoted']) mendParts(findAll(part, message), findAll(part, now));
}

function mendParts(parts: Element[], next: Element[]): void {
	parts.forEach((part, at) => {
		const now = next[at];
		if (now && !hasFocus(part) && looksLike(part) !== looksLike(now)) part.replaceWith(now);
	});
}

/** Whether something is unfolded makes no difference. */
const looksLike = (element: Element): string => element.outerHTML.replaceAll(/<details([^>]*?) open(="")?/g, '<details$1');
