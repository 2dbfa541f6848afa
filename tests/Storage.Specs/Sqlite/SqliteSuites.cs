using TaggingPipeline.Storage.Specs.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Sqlite;

public sealed class SqliteCustomerDocuments : CustomerDocumentsSuite<SqliteStore>;

public sealed class SqliteCustomerSchedules : CustomerSchedulesSuite<SqliteStore>;

public sealed class SqliteJournal : JournalSuite<SqliteStore>;

public sealed class SqliteCustomerViews : CustomerViewsSuite<SqliteStore>;

public sealed class SqliteSegmentHistory : SegmentHistorySuite<SqliteStore>;

public sealed class SqliteChangeFeed : ChangeFeedSuite<SqliteStore>;

public sealed class SqliteRejectedEvents : RejectedEventsSuite<SqliteStore>;

public sealed class SqliteMendedRejections : MendedRejectionsSuite<SqliteStore>;

public sealed class SqliteEvaluatorRoster : EvaluatorRosterSuite<SqliteStore>;

public sealed class SqlitePopulationSnapshots : PopulationSnapshotsSuite<SqliteStore>;

public sealed class SqliteSubscriptions : SubscriptionsSuite<SqliteStore>;

public sealed class SqliteLeases : LeasesSuite<SqliteStore>;

public sealed class SqliteFeedPositions : FeedPositionsSuite<SqliteStore>;

public sealed class SqliteSubscriberQueues : SubscriberQueuesSuite<SqliteStore>;

public sealed class SqliteRulebookVersions : RulebookVersionsSuite<SqliteStore>;

public sealed class SqliteDeadLetters : DeadLettersSuite<SqliteStore>;

public sealed class SqliteReplaying : ReplayingSuite<SqliteStore>;

public sealed class SqliteReplaysAmongOthers : ReplaysAmongOthersSuite<SqliteStore>;

public sealed class SqliteReplayReports : ReplayReportsSuite<SqliteStore>;

public sealed class SqliteReplaysBesideRollovers : ReplaysBesideRolloversSuite<SqliteStore>;

public sealed class SqliteReplays : ReplaysSuite<SqliteStore>;
