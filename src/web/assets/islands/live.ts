import { find, findAll, make } from './dom';
import { isRecalled, mendPage } from './mend';
import { readPage } from './page';

interface News { kind: string; id: string; number: string }

const KINDS = ['message', 'opened', 'tracked', 'recalled', 'changed', 'refresh'];
const SLEEP_MS = 5 * 60_000; // hidden for so long, a page stops listening
const LOOK_MS = 200;
const WAIT_MIN_MS = 5_000;
const WAIT_MAX_MS = 5 * 60_000;

/** What happens while a page is open: new mail, what became of what was sent, what was recalled. */
export function listenLive(): void {
	const place = find('[data-live]');
	if (place && 'EventSource' in window && 'BroadcastChannel' in window) new Live(place).start();
}

/** One page of a browser listens and tells the others, as a person may have many open. */
class Live {
	private since: string;
	private readonly others = new BroadcastChannel('postern-live');
	private turn: AbortController | undefined; // while this page listens, or waits until it is its turn
	private source: EventSource | undefined;
	private sleeping: number | undefined;
	private looking: number | undefined;
	private waitMs = WAIT_MIN_MS;
	private isStale = false;
	private readonly messages = new Set<string>();

	constructor(private readonly place: HTMLElement) {
		this.since = place.dataset.live ?? '';
	}

	start(): void {
		this.others.addEventListener('message', event => this.hear(event.data as News));
		document.addEventListener('visibilitychange', () => this.shown());
		addEventListener('pagehide', () => this.sleep());
		addEventListener('pageshow', event => { if (event.persisted) this.shown(); });
		this.shown();
	}

	private shown(): void {
		clearTimeout(this.sleeping);
		if (document.hidden) {
			this.sleeping = window.setTimeout(() => this.sleep(), SLEEP_MS);
			return;
		}
		if (this.isStale) this.lookSoon();
		if (!this.turn) void this.takeTurn();
	}

	private async takeTurn(): Promise<void> {
		const turn = this.turn = new AbortController();
		const listen = () => new Promise<void>(resolve => {
			turn.signal.addEventListener('abort', () => resolve());
			if (!turn.signal.aborted) this.connect();
		});
		// Locks are there on https and localhost; elsewhere each page listens for itself.
		try {
			if ('locks' in navigator) await navigator.locks.request('postern-live', { signal: turn.signal }, listen);
			else await listen();
		} catch { /* gave up its turn while waiting */ }
	}

	private sleep(): void {
		this.turn?.abort();
		this.turn = undefined;
		this.source?.close();
		this.source = undefined;
	}

	private connect(): void {
		const source = this.source = new EventSource(`/api/v1/events?since=${encodeURIComponent(this.since)}`);
		for (const kind of KINDS)
			source.addEventListener(kind, event => {
				const { data, lastEventId } = event as MessageEvent<string>;
				const news = { kind, id: (JSON.parse(data) as { id?: string }).id ?? '', number: lastEventId };
				this.others.postMessage(news);
				this.hear(news);
			});
		source.addEventListener('open', () => { this.waitMs = WAIT_MIN_MS; });
		source.addEventListener('error', () => this.failed(source));
	}

	/** The browser comes back by itself after a break, but not after a refusal: too many, or signed out. */
	private failed(source: EventSource): void {
		if (source.readyState !== EventSource.CLOSED || source !== this.source) return;
		this.source = undefined;
		void this.leaveIfSignedOut();
		this.others.postMessage({ kind: 'refused', id: '', number: this.since });
		const turn = this.turn;
		setTimeout(() => { if (turn && turn === this.turn) this.connect(); }, this.waitMs);
		this.waitMs = Math.min(this.waitMs * 2, WAIT_MAX_MS);
	}

	/** After signing out in one window nothing stays readable in the others; but what is being written does. */
	private async leaveIfSignedOut(): Promise<void> {
		const isWriting = findAll<HTMLTextAreaElement>('textarea').some(text => text.value !== text.defaultValue);
		const answer = await fetch('/inbox', { method: 'HEAD', redirect: 'manual', headers: { 'Postern-Background': 'yes' } }).catch(() => undefined);
		if (answer?.type === 'opaqueredirect' && !isWriting) location.reload();
	}

	private hear(news: News): void {
		if (news.kind === 'refused') return void this.leaveIfSignedOut();
		this.since = news.number;
		if (news.kind === 'recalled' && isRecalled(news.id, this.place.dataset.recalled ?? '')) this.say(this.place.dataset.recalled);
		if ((news.kind === 'recalled' || news.kind === 'refresh') && find('.file-page')) void leaveIfGone();
		if (news.kind === 'message') this.messages.add(news.id);
		this.isStale = true;
		if (!document.hidden) this.lookSoon();
	}

	/** Once for much at once. */
	private lookSoon(): void {
		this.looking ??= window.setTimeout(() => { this.looking = undefined; void this.look(); }, LOOK_MS);
	}

	private async look(): Promise<void> {
		this.isStale = false;
		const page = await readPage(pathOfFresh(), { isBackground: true });
		if (!page) return;
		const hasMore = mendPage(page);
		if (hasMore) this.offer();
		if (this.messages.size > 0 && !hasMore) this.say(this.place.dataset.mail);
		this.messages.clear();
	}

	/** For screen readers: when they have finished what they are reading. */
	private say(sentence = ''): void {
		this.place.textContent = '';
		setTimeout(() => { this.place.textContent = sentence; }, LOOK_MS);
	}

	/** An answer is not put under what somebody is reading; and it counts as opened once they asked for it. */
	private offer(): void {
		if (find('.live-more')) return;
		const offer = make('p', { class: 'notice live-more', role: 'status' }, `${this.place.dataset.more ?? ''} `);
		offer.append(make('a', { class: 'link', href: location.pathname }, this.place.dataset.show));
		find('.conversation .reply, .conversation .reply-none')?.before(offer);
	}
}

/** This page anew, with all of a conversation, or any with the navigation. */
function pathOfFresh(): string {
	if (find('article.message')) return `${location.pathname}?all=yes`;
	return find('[data-live-rows]') ? location.pathname + location.search : '/inbox';
}

/** A file whose page is open was perhaps what was recalled: then that page says so. */
async function leaveIfGone(): Promise<void> {
	const answer = await fetch(location.href, { redirect: 'manual', headers: { 'Postern-Background': 'yes' } }).catch(() => undefined);
	if (answer?.status === 410) location.reload();
	else if (!answer || answer.status >= 500) setTimeout(() => void leaveIfGone(), WAIT_MIN_MS);
}
