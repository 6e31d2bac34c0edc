import Documents
import Foundation
import Manifests
import Runs
import TestSupport
import Testing

/// The schedule with small shell scripts as runs: each does with its job what the test says.
@Suite(.serialized) struct ScheduleTests {
  /// What happened, in order.
  private final class Course {
    var events: [String] = []
    var mostAtOnce = 0
    private var atOnce = 0

    func note(_ event: RunSchedule.Event) {
      switch event {
      case .started(let request):
        atOnce += 1
        mostAtOnce = max(mostAtOnce, atOnce)
        events.append("started \(request.label)")
      case .elsewhere(let request): events.append("elsewhere \(request.label)")
      case .ended(let request, let outcome, let seconds):
        if seconds > 0 { atOnce -= 1 }
        let word =
          switch outcome {
          case .finished: "finished"
          case .reused: "reused"
          case .failed: "failed"
          case .skipped: "skipped"
          case .interrupted: "interrupted"
          }
        events.append("\(word) \(request.label)")
      case .tick: break
      }
    }
  }

  private static let succeed = """
    { printf '{"outcome": "converged", '; tail -c +2 "$1"; } > "$D/run.json"; printf '{"score": 1}' > "$D/metrics.json"
    """

  private func requests(_ count: Int, limits: Limits = Limits()) -> [RunRequest] {
    (0..<count).map { request(data: ["n": .integer($0)], label: "r\($0)", limits: limits) }
  }

  /// A schedule whose runs are a shell script, with D the staging directory and N the value of data.n.
  private func schedule(
    _ script: String, in folder: TemporaryFolder, options: (inout RunSchedule.Options) -> Void = { _ in }
  ) -> RunSchedule {
    let path = folder.write(
      """
      D=$(dirname "$1")
      N=$(sed -n 's/.*"n":\\([0-9]*\\).*/\\1/p' "$1")
      \(script)
      """, to: "run.sh")
    var chosen = RunSchedule.Options()
    options(&chosen)
    return RunSchedule(
      store: RunStore(folder: folder.path + "/results"), provenance: nil, executableDigest: "b1",
      command: ["/bin/sh", path],
      options: chosen)
  }

  private func failure(_ outcomes: [String: RunOutcome]) -> RunFailure? {
    outcomes.values.compactMap { if case .failed(let failure) = $0 { failure } else { nil } }.first
  }

  private func staged(_ folder: TemporaryFolder) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/results/.staging")) ?? []
  }

  @Test func runsAreMadeOnceAndReused() throws {
    let folder = TemporaryFolder()
    let (first, second, forced) = (Course(), Course(), Course())
    let twice = requests(2) + requests(2)
    _ = try schedule(Self.succeed, in: folder).carryOut(twice, onEvent: first.note)
    #expect(first.events == ["started r0", "finished r0", "started r1", "finished r1"])
    _ = try schedule(Self.succeed, in: folder).carryOut(twice, onEvent: second.note)
    #expect(second.events == ["reused r0", "reused r1"])
    _ = try schedule(Self.succeed, in: folder) { $0.reuse = .none }.carryOut(requests(1), onEvent: forced.note)
    #expect(forced.events == ["started r0", "finished r0"])
    #expect(staged(folder) == [])
  }

  @Test func severalAreAtWorkAtATimeWithThreadsDivided() throws {
    let folder = TemporaryFolder()
    let course = Course()
    let script =
      """
      sleep 0.2; echo $(sed -n 's/.*\"threads\":\\([0-9]*\\).*/\\1/p' \"$1\") >> \"$D/../../../threads\"; \
      \(Self.succeed)
      """
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let limits = Limits(threads: 64)
    _ = try schedule(script, in: folder) { $0.jobs = 3 }.carryOut(requests(7, limits: limits), onEvent: course.note)
    #expect(course.mostAtOnce == 3)
    let threads = try String(contentsOfFile: folder.path + "/threads", encoding: .utf8)
    #expect(threads == String(repeating: "\(max(1, processors / 3))\n", count: 7))
  }

  /// A run that crashes is reported, keeps its log, and the rest go on.
  @Test func aCrashLosesOneRun() throws {
    let folder = TemporaryFolder()
    let course = Course()
    let script = "if [ $N = 1 ]; then echo 'about to crash' >&2; kill -SEGV $$; fi; \(Self.succeed)"
    let outcomes = try schedule(script, in: folder).carryOut(requests(3), onEvent: course.note)
    #expect(course.events.filter { !$0.hasPrefix("started") } == ["finished r0", "failed r1", "finished r2"])
    let failure = try #require(self.failure(outcomes))
    #expect(failure.sentence == "the run 'r1' was ended by signal 11")
    #expect(try String(contentsOfFile: failure.log, encoding: .utf8).contains("about to crash"))
    #expect(staged(folder) == [])
    // Once it works, the log of its failure is gone.
    _ = try schedule(Self.succeed, in: folder).carryOut(requests(3), onEvent: { _ in })
    #expect(!FileManager.default.fileExists(atPath: failure.log))
  }

  @Test func theRunsOwnSentenceIsTheReason() throws {
    let folder = TemporaryFolder()
    let outcomes = try schedule("echo 'noise'; echo 'error: x.h5: is truncated' >&2; exit 66", in: folder)
      .carryOut(requests(1), onEvent: { _ in })
    #expect(failure(outcomes)?.sentence == "x.h5: is truncated")
    #expect(failure(outcomes)?.code == 66)
  }

  /// On a full disk a run may end without its sentence, or with the beginning of it.
  @Test(arguments: ["", "printf 'error: results/.sta' >&2; ", "printf 'starts\\nerror: results/.sta' >&2; "])
  func aRunThatCannotSayWhyItCouldNotWrite(script: String) throws {
    let folder = TemporaryFolder()
    let outcomes = try schedule(script + "exit 73", in: folder).carryOut(requests(1), onEvent: { _ in })
    #expect(
      failure(outcomes)?.sentence == "the run 'r0' could not write its files (no permission, or the disk is full)")
    #expect(failure(outcomes)?.code == 73)
  }

  @Test func failFastBeginsNoOther() throws {
    let folder = TemporaryFolder()
    let course = Course()
    _ = try schedule("if [ $N = 1 ]; then exit 1; fi; \(Self.succeed)", in: folder) { $0.failsFast = true }
      .carryOut(requests(4), onEvent: course.note)
    #expect(course.events.suffix(3) == ["failed r1", "skipped r2", "skipped r3"])
  }

  @Test func timeIsLimited() throws {
    let folder = TemporaryFolder()
    let start = Date()
    let outcomes = try schedule("sleep 30 & wait", in: folder).carryOut(
      requests(1, limits: Limits(seconds: 0.3)), onEvent: { _ in })
    #expect(failure(outcomes)?.sentence == "the run 'r0' was stopped: it exceeded limits.time, 300 ms")
    #expect(Date().timeIntervalSince(start) < 10)
    #expect(staged(folder) == [])
  }

  @Test func memoryIsLimited() throws {
    let folder = TemporaryFolder()
    // perl, which each Debian has, holds 400 MB.
    let script = "exec perl -e '$x = \"a\" x 400000000; sleep 30'"
    let outcomes = try schedule(script, in: folder).carryOut(
      requests(1, limits: Limits(memory: 100 << 20)), onEvent: { _ in })
    let sentence = try #require(failure(outcomes)?.sentence)
    #expect(
      sentence.hasPrefix("the run 'r0' was stopped: it used ")
        && sentence.hasSuffix("but limits.memory allows 100 MiB"), "\(sentence)")
  }

  /// What runs may hold together is never more than the schedule's memory.
  ///
  /// One that fits overtakes those that wait for room.
  @Test func runsWaitForMemory() throws {
    let folder = TemporaryFolder()
    let course = Course()
    let sizes = [3, 3, 1, 2]
    let runs = sizes.enumerated().map {
      request(data: ["n": .integer($0)], label: "r\($0)", limits: Limits(memory: $1 << 40))
    }
    var (held, most) = (0, 0)
    _ = try schedule("sleep 0.1; \(Self.succeed)", in: folder) {
      $0.jobs = 4
      $0.memory = 4 << 40
    }.carryOut(runs) { event in
      course.note(event)
      switch event {
      case .started(let run): held += run.limits.memory ?? 0
      case .ended(let run, _, _): held -= run.limits.memory ?? 0
      default: break
      }
      most = max(most, held)
    }
    #expect(
      course.events.filter { $0.hasPrefix("started") } == ["started r0", "started r2", "started r1", "started r3"])
    #expect(most == 4 << 40)
  }

  /// A run without a limit may hold all there is, and so does one whose limit is larger: each is alone, and is stopped
  /// above it.
  @Test(arguments: [nil, 1 << 40]) func memoryOfAllIsALimit(own: Int?) throws {
    let folder = TemporaryFolder()
    let course = Course()
    let script = "if [ $N = 1 ]; then exec perl -e '$x = \"a\" x 400000000; sleep 30'; fi; sleep 0.1; \(Self.succeed)"
    let outcomes = try schedule(script, in: folder) {
      $0.jobs = 3
      $0.memory = 100 << 20
    }.carryOut(requests(3, limits: Limits(memory: own)), onEvent: course.note)
    #expect(course.events.filter { !$0.hasPrefix("started") } == ["finished r0", "failed r1", "finished r2"])
    #expect(course.mostAtOnce == 1)
    let sentence = try #require(failure(outcomes)?.sentence)
    #expect(
      sentence.hasPrefix("the run 'r1' was stopped: it used ") && sentence.hasSuffix("but --memory allows 100 MiB"),
      "\(sentence)")
  }

  /// A run that another process has taken is left to it, others are made meanwhile, and its result is taken over.
  @Test func workIsDividedWithOthers() throws {
    let folder = TemporaryFolder()
    let course = Course()
    let (store, all) = (RunStore(folder: folder.path + "/results"), requests(3))
    var lock = try store.lock(all[0])
    #expect(lock != nil)
    let schedule = schedule(Self.succeed, in: folder)
    _ = try schedule.carryOut(all) { event in
      course.note(event)
      guard case .ended(let request, _, _) = event, request.label == "r2" else { return }
      // The other one finishes its run only now.
      folder.write(recordText(all[0]), to: "results/e/runs/\(all[0].key)/run.json")
      folder.write("{\"score\": 2}", to: "results/e/runs/\(all[0].key)/metrics.json")
      lock = nil
    }
    #expect(course.events == ["elsewhere r0", "started r1", "finished r1", "started r2", "finished r2", "reused r0"])
    #expect(try store.run(of: all[0])?.metrics["score"] == 2)
  }

  /// A process that was killed lets its locks go, and the run is made anew.
  @Test func whatADeadProcessLeftIsTakenOver() throws {
    let folder = TemporaryFolder()
    folder.write("", to: "results/.staging/\(requests(1)[0].key).lock")
    folder.write("half", to: "results/.staging/\(requests(1)[0].key)-1/run.json")
    let course = Course()
    _ = try schedule(Self.succeed, in: folder).carryOut(requests(1), onEvent: course.note)
    #expect(course.events == ["started r0", "finished r0"])
    #expect(staged(folder) == [])
    // Killed after the run had moved to its place, before the lock was let go.
    folder.write("", to: "results/.staging/\(requests(1)[0].key).lock")
    folder.write("half", to: "results/.staging/\(requests(1)[0].key)-2/run.json")
    _ = try schedule(Self.succeed, in: folder).carryOut(requests(1), onEvent: course.note)
    #expect(course.events.last == "reused r0")
    #expect(staged(folder) == [])
  }

  /// Killed while a newer run replaces an older one, which has left its place for a moment.
  @Test func anOlderRunReturnsWhenNothingReplacedIt() throws {
    let folder = TemporaryFolder()
    let key = requests(1)[0].key
    let (place, aside) = ("results/e/runs/\(key)", "results/.staging/\(key)-1.old")
    let record = recordText(requests(1)[0])
    let write = { (path: String) in
      folder.write(record, to: "\(path)/run.json")
      folder.write("{\"from\": \"\(path)\"}", to: "\(path)/metrics.json")
    }
    let course = Course()
    let metrics = { try String(contentsOfFile: "\(folder.path)/\(place)/metrics.json", encoding: .utf8) }
    // The newer one has arrived: it stays.
    write(place)
    write(aside)
    _ = try schedule("exit 1", in: folder).carryOut(requests(1), onEvent: course.note)
    #expect(try metrics().contains(place))
    #expect(staged(folder) == [])
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(place)")
    write(aside)
    _ = try schedule("exit 1", in: folder).carryOut(requests(1), onEvent: course.note)
    #expect(try metrics().contains(aside))
    #expect(course.events == ["reused r0", "reused r0"])
    #expect(staged(folder) == [])
  }

  /// Who wants a run made anew does not get the old one when the other process that was to make it was killed, or its
  /// run failed.
  @Test(arguments: [RunSchedule.Reuse.none, .ofThisBuild]) func forceBesideAKilledCommand(reuse: RunSchedule.Reuse)
    throws
  {
    let folder = TemporaryFolder()
    let course = Course()
    let (store, all) = (RunStore(folder: folder.path + "/results"), requests(2))
    func finish(_ score: Int, binary: String) {
      folder.write(recordText(all[0], binary: binary), to: "results/e/runs/\(all[0].key)/run.json")
      folder.write("{\"score\": \(score)}", to: "results/e/runs/\(all[0].key)/metrics.json")
    }
    finish(7, binary: "b0")
    var lock = try store.lock(all[0])
    _ = try schedule(Self.succeed, in: folder) { $0.reuse = reuse }.carryOut(all) { event in
      course.note(event)
      // The other one is gone without a result.
      if case .ended(let request, _, _) = event, request.label == "r1" { lock = nil }
    }
    withExtendedLifetime(lock) {}
    #expect(course.events == ["elsewhere r0", "started r1", "finished r1", "started r0", "finished r0"])
    #expect(try store.run(of: all[0])?.metrics["score"] == 1)
    // A new one by the same build is as good as ours, one by another build is not.
    for (binary, word) in [("b1", "reused"), ("b0", "finished")] {
      let course = Course()
      finish(7, binary: "b0")
      var lock = try store.lock(all[0])
      _ = try schedule("\(Self.succeed); sleep 0.1", in: folder) { $0.reuse = .none }.carryOut(all) { event in
        course.note(event)
        guard case .ended(let request, _, _) = event, request.label == "r1" else { return }
        try? FileManager.default.removeItem(atPath: store.directory(of: all[0]))
        finish(8, binary: binary)
        lock = nil
      }
      withExtendedLifetime(lock) {}
      #expect(course.events.last == "\(word) r0")
    }
  }

  /// A run whose result cannot be put in its place is lost alone.
  @Test func aResultThatCannotBeKeptLosesOneRun() throws {
    let folder = TemporaryFolder()
    let course = Course()
    // A folder that holds something, under a name that only a file can replace, stands in the run's way.
    let script =
      """
      if [ $N = 1 ]; then rm -rf \"$D/../../e/runs\"; echo in the way > \"$D/../../e/runs\"; else rm -f \
      \"$D/../../e/runs\" 2>/dev/null; fi; \(Self.succeed)
      """
    let outcomes = try schedule(script, in: folder).carryOut(requests(2), onEvent: course.note)
    #expect(course.events == ["started r0", "finished r0", "started r1", "failed r1"])
    #expect(
      failure(outcomes)?.sentence.hasPrefix("the run 'r1' is lost: ") == true, "\(failure(outcomes)?.sentence ?? "")")
    #expect(failure(outcomes)?.code == 73)
    #expect(staged(folder) == [])
  }

  /// Where one experiment's results cannot be written, the others' are.
  @Test func aRunThatCannotBeBegunLosesOneRun() throws {
    let folder = TemporaryFolder()
    folder.write("a file", to: "results/e")
    let other = RunRequest(
      experiment: "f", tier: .smoke, label: "other", repetition: 0, identity: requests(1)[0].identity, inputs: [])
    let course = Course()
    let outcomes = try schedule(Self.succeed, in: folder).carryOut(requests(2) + [other], onEvent: course.note)
    #expect(
      course.events == ["failed r0", "failed r1", "started other", "finished other"]
        || course.events == ["started other", "failed r0", "failed r1", "finished other"])
    let sentence = try #require(failure(outcomes)?.sentence)
    #expect(
      sentence.contains("cannot be started: ") && sentence.contains("results/e is a file, but a folder was expected"),
      "\(sentence)")
    #expect(throws: StoreError.self) { try schedule(Self.succeed, in: folder).carryOut(requests(2), onEvent: { _ in }) }
  }

  @Test func aDamagedRunIsMadeAnew() throws {
    let folder = TemporaryFolder()
    let course = Course()
    let each = requests(1)[0]
    folder.write("{\"outcome\": ", to: "results/e/runs/\(each.key)/run.json")
    let states = RunStates("e", in: RunStore(folder: folder.path + "/results"), executableDigest: { nil })
    #expect(states.states(of: [each], explaining: true)[0].reason.contains("run.json:1:13: is not valid JSON"))
    _ = try schedule(Self.succeed, in: folder).carryOut([each], onEvent: course.note)
    #expect(course.events == ["started r0", "finished r0"])
  }

  @Test func aBinaryThatDoesNotStartIsNamed() {
    let folder = TemporaryFolder()
    let schedule = RunSchedule(
      store: RunStore(folder: folder.path + "/results"), provenance: nil, executableDigest: "b1",
      command: ["/no/such/binary"])
    let error = #expect(throws: StoreError.self) { try schedule.carryOut(requests(1), onEvent: { _ in }) }
    #expect(error?.description.contains("/no/such/binary") == true)
    #expect(staged(folder) == [])
  }
}
