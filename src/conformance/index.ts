/** The door of `conformance`: what Situs reads and writes, told from the code that does it. */
export { exampleObjects, type ExampleObjects } from './example.ts';
export { conformanceStatement } from './statement.ts';
