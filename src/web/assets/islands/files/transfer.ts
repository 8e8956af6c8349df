import { DetailedError, Upload } from 'tus-js-client';
import { Speed } from './speed';

/**
 * waiting: for its turn. running. paused: by its owner. broken: the connection is gone, it goes on by itself. failed: somebody has to do
 * something about it. done.
 */
export type State = 'waiting' | 'running' | 'paused' | 'broken' | 'failed' | 'done';

const ENDPOINT = '/files';
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const SILENT_MS = 30_000; // without a byte going out: the connection is dead, whatever the browser believes
const SETTLE_MS = 10 * 60_000; // for the answer when all has gone out
const LOOK_MS = 1_000;

const memory = (id: string): string => `upload:${id}`;

/** Whether this is the very file of which a part was uploaded from this browser; no name is kept for it. */
export function isSameFile(id: string, file: File): boolean {
	return localStorage.getItem(memory(id)) === `${file.size} ${file.lastModified}`;
}

/** One file on its way, as often as the connection breaks. */
export class Transfer {
	state: State = 'waiting';
	sent = 0;
	id: string | undefined;
	/** Why it failed: the portal's sentence, or a word of ours for one. */
	problem: { sentence?: string; word?: string } = {};
	readonly speed = new Speed();
	private readonly upload: Upload;
	private tries = 0;
	private heard = 0;
	private waiting: number | undefined;
	private looking: number | undefined;

	/** `id`: of the upload that is gone on with. */
	constructor(readonly file: File, readonly name: string, private readonly changed: () => void, id?: string) {
		this.id = id;
		this.upload = new Upload(file, {
			endpoint: ENDPOINT,
			uploadUrl: id === undefined ? null : `${ENDPOINT}/${id}`,
			metadata: { filename: name, filetype: file.type },
			retryDelays: null, // see broke()
			storeFingerprintForResuming: false,
			onUploadUrlAvailable: () => this.began(),
			onProgress: sent => this.progressed(sent),
			onSuccess: () => this.succeeded(),
			onError: error => void this.broke(error),
		});
		addEventListener('online', () => { if (this.state === 'broken') this.start(); });
	}

	get isAllSent(): boolean {
		return this.sent >= this.file.size;
	}

	start(): void {
		clearTimeout(this.waiting);
		this.speed.restart();
		this.heard = performance.now();
		this.looking ??= window.setInterval(() => this.look(), LOOK_MS);
		this.become('running');
		this.upload.start();
	}

	pause(): void {
		this.stop();
		void this.upload.abort();
		this.become('paused');
	}

	/** Takes it back from the portal as well. */
	remove(): void {
		this.stop();
		const id = this.id;
		const isOver = this.state === 'done' || this.state === 'failed';
		this.state = 'failed';
		void this.upload.abort().catch(() => undefined).then(() => {
			if (id === undefined) return;
			localStorage.removeItem(memory(id));
			void fetch(`${ENDPOINT}/${id}`, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' }, keepalive: isOver }).catch(() => undefined);
		});
	}

	private become(state: State): void {
		this.state = state;
		this.changed();
	}

	private stop(): void {
		clearTimeout(this.waiting);
		clearInterval(this.looking);
		this.looking = undefined;
	}

	private began(): void {
		this.id = this.upload.url?.split('/').at(-1);
		if (this.id) localStorage.setItem(memory(this.id), `${this.file.size} ${this.file.lastModified}`);
		this.changed();
	}

	private progressed(sent: number): void {
		if (this.state !== 'running') return;
		this.heard = performance.now();
		if (sent > this.sent) this.tries = 0;
		this.sent = sent;
		this.speed.note(sent);
		this.changed();
	}

	private succeeded(): void {
		this.stop();
		this.sent = this.file.size;
		if (this.id) localStorage.removeItem(memory(this.id));
		this.become('done');
	}

	private look(): void {
		if (performance.now() - this.heard < (this.isAllSent ? SETTLE_MS : SILENT_MS)) return this.changed();
		void this.upload.abort();
		this.goOnLater();
	}

	private goOnLater(): void {
		this.stop();
		const pause = PAUSES_MS[Math.min(this.tries++, PAUSES_MS.length - 1)]!;
		this.waiting = window.setTimeout(() => this.start(), pause);
		this.become('broken');
	}

	private async broke(error: Error | DetailedError): Promise<void> {
		if (this.state !== 'running') return;
		const response = error instanceof DetailedError ? error.originalResponse : null;
		const status = response?.getStatus() ?? 0;
		const isPassing = status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
		if (status === 0 && !await this.isReadable()) return this.fail({ word: 'unreadable' });
		if (this.state !== 'running') return;
		if (isPassing) return this.goOnLater();
		if (status === 401) return this.fail({ word: 'signedOut' });
		const sentence = sentenceOf(response?.getBody() ?? '');
		this.fail(sentence ? { sentence } : { word: 'failed' });
	}

	private fail(problem: { sentence?: string; word?: string }): void {
		this.stop();
		this.problem = problem;
		this.become('failed');
	}

	/** A file that was changed, moved or is a folder looks like a broken connection. */
	private async isReadable(): Promise<boolean> {
		try {
			await this.file.slice(0, 1).arrayBuffer();
			return true;
		} catch {
			return false;
		}
	}
}

/** What the portal says in application/problem+json. */
function sentenceOf(body: string): string | undefined {
	try {
		const { detail, errors } = JSON.parse(body) as { detail?: string; errors?: { detail?: string }[] };
		return errors?.[0]?.detail ?? detail;
	} catch {
		return undefined;
	}
}
