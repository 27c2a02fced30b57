import {
  type Attributes,
  type AttributeValue,
  type Context,
  diag,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanLimits, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace';

import { exceptionEvent } from '../exception-event.ts';
import { wallTime } from '../wall-clock.ts';
import { copyAttributes, isAttribute, shortened } from './attribute-values.ts';
import { between, givenTime, hrTimeOf, isHrTime, later } from './span-time.ts';

/** What the spans of one tracer have in common. */
export interface SpanSource {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  /** Told of each start and end. */
  readonly processor: SpanProcessor;
}

/** As the SDK has them. */
const NOT_ENDED: HrTime = [0, 0];
const NO_DURATION: HrTime = [-1, -1];

/**
 * A span that is recorded, for the API and, once it has ended, for exporters. It does what the SDK's own does, and
 * costs less: a property test holds the two together.
 *
 * Its fields are public as the SDK's are, so that what an exporter of the application's makes of a span (a spread, an object
 * that inherits from it) works with it too.
 */
export class RecordedSpan implements Span, ReadableSpan {
  // `declare`: what the constructor sets need not be made undefined before.
  declare name: string;
  declare readonly kind: SpanKind;
  declare readonly parentSpanContext?: SpanContext;
  declare startTime: HrTime;
  endTime: HrTime = NOT_ENDED;
  duration: HrTime = NO_DURATION;
  ended = false;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  attributes: Attributes = {};
  readonly links: Link[] = [];
  readonly events: TimedEvent[] = [];
  declare readonly resource: Resource;
  declare readonly instrumentationScope: InstrumentationScope;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  declare private readonly own: SpanContext;
  declare private readonly source: SpanSource;
  /** By the monotonic clock, in milliseconds; NaN where the caller gave the start. */
  declare private readonly began: number;
  private attributesCount = 0;

  constructor(
    source: SpanSource,
    own: SpanContext,
    name: string,
    kind: SpanKind,
    parent: SpanContext | undefined,
    startTime: TimeInput | undefined,
  ) {
    this.name = name;
    this.kind = kind;
    if (parent !== undefined) this.parentSpanContext = parent;
    this.resource = source.resource;
    this.instrumentationScope = source.scope;
    this.own = own;
    this.source = source;
    if (startTime === undefined) {
      this.began = performance.now();
      this.startTime = hrTimeOf(wallTime(this.began));
    } else {
      this.began = Number.NaN;
      this.startTime = givenTime(startTime);
    }
  }

  /** Tells the processors that the span has begun, with what it was given at its start. */
  start(parentContext: Context, attributes?: Attributes, links?: readonly Link[]): this {
    if (attributes !== undefined) this.setAttributes(attributes);
    if (links !== undefined) for (const link of links) this.addLink(link);
    this.source.processor.onStart(this, parentContext);
    return this;
  }

  spanContext(): SpanContext {
    return this.own;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (value === undefined || value === null || this.isOver()) return this;
    if (!isAttribute(key, value)) return this;
    const { attributeCountLimit, attributeValueLengthLimit } = this.source.limits;
    // Whatever is there is either its own or what every object inherits.
    if (this.attributes[key] === undefined || !Object.hasOwn(this.attributes, key)) {
      if (this.attributesCount >= attributeCountLimit) {
        this.droppedAttributesCount += 1;
        return this;
      }
      this.attributesCount += 1;
    }
    this.attributes[key] = shortened(value, attributeValueLengthLimit);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) {
      if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key] as AttributeValue);
    }
    return this;
  }

  /** Takes an object for its own that nobody else holds, and whose values are attributes. */
  takeAttributes(attributes: Attributes): void {
    const { attributeCountLimit, attributeValueLengthLimit } = this.source.limits;
    let count = 0;
    let isWhole = true;
    for (const key in attributes) {
      count += 1;
      // What an adapter has made up as a request may lack anything.
      if (attributes[key] === undefined || attributes[key] === null) isWhole = false;
    }
    const isBounded = attributeValueLengthLimit !== Number.POSITIVE_INFINITY || count > attributeCountLimit;
    if (!isWhole || isBounded || this.attributesCount > 0 || this.ended) {
      this.setAttributes(attributes);
      return;
    }
    this.attributes = attributes;
    this.attributesCount = count;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.isOver()) return this;
    const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } = this.source.limits;
    if (eventCountLimit === 0) {
      this.droppedEventsCount += 1;
      return this;
    }
    if (this.events.length >= eventCountLimit) {
      this.events.shift();
      this.droppedEventsCount += 1;
    }
    const isTime = isTimeInput(attributesOrTime);
    const given = isTime ? undefined : attributesOrTime;
    const when = isTime && !isTimeInput(time) ? attributesOrTime : time;
    const { attributes, dropped } = copyAttributes(
      given,
      attributePerEventCountLimit,
      attributeValueLengthLimit,
    );
    this.events.push({ name, attributes, time: this.timeOf(when), droppedAttributesCount: dropped });
    return this;
  }

  addLink(link: Link): this {
    if (this.isOver()) return this;
    const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } = this.source.limits;
    if (linkCountLimit === 0) {
      this.droppedLinksCount += 1;
      return this;
    }
    if (this.links.length >= linkCountLimit) {
      this.links.shift();
      this.droppedLinksCount += 1;
    }
    const { attributes, count, dropped } = copyAttributes(
      link.attributes,
      attributePerLinkCountLimit,
      attributeValueLengthLimit,
    );
    this.links.push({
      context: link.context,
      ...(count > 0 && { attributes }),
      ...(dropped > 0 && { droppedAttributesCount: dropped }),
    });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    if (this.isOver() || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    if (message !== undefined && message !== null && typeof message !== 'string') {
      diag.warn(`the message of a status is left out: expected a string; got ${typeof message}`);
    }
    this.status = code === SpanStatusCode.ERROR && typeof message === 'string' ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.isOver()) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exceptionEvent(exception);
    if (attributes) this.addEvent('exception', attributes, time);
    else diag.warn('an exception is not recorded, since it has neither type nor message');
  }

  end(endTime?: TimeInput): void {
    if (this.ended) {
      diag.error(
        `${this.name} ${this.own.traceId}-${this.own.spanId} - You can only call end() on a span once.`,
      );
      return;
    }
    if (endTime === undefined && !Number.isNaN(this.began)) {
      this.duration = hrTimeOf(performance.now() - this.began);
      this.endTime = later(this.startTime, this.duration);
    } else {
      this.endAt(givenTime(endTime));
    }
    this.source.processor.onEnding?.(this);
    this.ended = true;
    this.source.processor.onEnd(this);
  }

  private endAt(endTime: HrTime): void {
    this.endTime = endTime;
    this.duration = between(this.startTime, endTime);
    if (this.duration[0] >= 0) return;
    diag.warn(`the span ${this.name} ends before it starts; it is given no duration`);
    this.endTime = [...this.startTime];
    this.duration = [0, 0];
  }

  /** A moment of the span: now by its own clock where nobody says otherwise. */
  private timeOf(input: TimeInput | undefined): HrTime {
    if (input !== undefined || Number.isNaN(this.began)) return givenTime(input);
    return later(this.startTime, hrTimeOf(performance.now() - this.began));
  }

  private isOver(): boolean {
    if (!this.ended) return false;
    const { traceId, spanId } = this.own;
    const text = `Cannot execute the operation on ended Span {traceId: ${traceId}, spanId: ${spanId}}`;
    // Its stack shows who did.
    diag.warn(text, new Error(text));
    return true;
  }
}

function isTimeInput(input: unknown): input is TimeInput {
  return typeof input === 'number' || input instanceof Date || isHrTime(input);
}
