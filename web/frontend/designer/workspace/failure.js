/** A request that did not succeed: `status` 0 is a server that cannot be reached; `problem` what it said. */
export class RequestFailed extends Error {
  constructor(status, problem, sentence = problem.detail) {
    super(sentence);
    this.status = status;
    this.problem = problem;
  }
}
