import { Fragment } from 'preact';
import { Time } from './time.tsx';

const instant = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)/;

/** A text of the API, whose instants are shown as times are everywhere else. */
export function TextWithTimes({ text }: { text: string }) {
  return (
    <>
      {text.split(instant).map((part, index) => (
        <Fragment key={index}>{index % 2 === 1 ? <Time at={part} isFull /> : part}</Fragment>
      ))}
    </>
  );
}
