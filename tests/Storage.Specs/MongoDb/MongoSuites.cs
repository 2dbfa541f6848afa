using TaggingPipeline.Storage.Specs.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.MongoDb;

public sealed class MongoCustomerDocuments : CustomerDocumentsSuite<MongoStore>;

public sealed class MongoCustomerSchedules : CustomerSchedulesSuite<MongoStore>;

public sealed class MongoJournal : JournalSuite<MongoStore>;

public sealed class MongoCustomerViews : CustomerViewsSuite<MongoStore>;

public sealed class MongoSegmentHistory : SegmentHistorySuite<MongoStore>;

public sealed class MongoChangeFeed : ChangeFeedSuite<MongoStore>;

public sealed class MongoRejectedEvents : RejectedEventsSuite<MongoStore>;

public sealed class MongoMendedRejections : MendedRejectionsSuite<MongoStore>;

public sealed class MongoEvaluatorRoster : EvaluatorRosterSuite<MongoStore>;

public sealed class MongoPopulationSnapshots : PopulationSnapshotsSuite<MongoStore>;

public sealed class MongoSubscriptions : SubscriptionsSuite<MongoStore>;

public sealed class MongoLeases : LeasesSuite<MongoStore>;

public sealed class MongoFeedPositions : FeedPositionsSuite<MongoStore>;

public sealed class MongoSubscriberQueues : SubscriberQueuesSuite<MongoStore>;

public sealed class MongoRulebookVersions : RulebookVersionsSuite<MongoStore>;

public sealed class MongoDeadLetters : DeadLettersSuite<MongoStore>;

public sealed class MongoReplaying : ReplayingSuite<MongoStore>;

public sealed class MongoReplaysAmongOthers : ReplaysAmongOthersSuite<MongoStore>;

public sealed class MongoReplayReports : ReplayReportsSuite<MongoStore>;

public sealed class MongoReplaysBesideRollovers : ReplaysBesideRolloversSuite<MongoStore>;

public sealed class MongoReplays : ReplaysSuite<MongoStore>;
