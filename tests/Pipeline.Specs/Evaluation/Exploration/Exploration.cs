using System.Runtime.InteropServices;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>Somebody at work on the store.</summary>
/// <param name="Program">Deterministic; its result says whether it is done, or wants to start again from the beginning.</param>
/// <param name="Delivery">The delivery that it works on, which comes again after a crash unless it was acknowledged; null for other work, which always starts again.</param>
internal sealed record Actor(string Name, Func<IChoicePoints, Task<bool>> Program, int? Delivery = null);

/// <summary>What must hold.</summary>
internal interface IPromises
{
    /// <summary>What is wrong with a state in which work may still be under way, or null.</summary>
    string? BrokenUnderWay(StoreState state);

    /// <summary>What is wrong with a state in which all work is done, or null.</summary>
    string? BrokenAtEnd(StoreState state);
}

/// <param name="States">How many different states were reached.</param>
/// <param name="Ends">In how many of them all work was done.</param>
/// <param name="Broken">The first promise found broken, after the fewest steps; null if all hold.</param>
/// <param name="Schedule">The steps that lead there.</param>
internal sealed record Explored(int States, int Ends, string? Broken, IReadOnlyList<string> Schedule)
{
    public override string ToString() => Broken is null
        ? $"holds in {States:N0} states, {Ends:N0} of them ends"
        : $"broken after {States:N0} states: {Broken}\n  {string.Join("\n  ", Schedule)}";
}

/// <summary>Tries every interleaving of some actors, with crashes at every step.</summary>
/// <remarks>
/// Breadth first, and no state twice: a state is what is stored, and for each actor the answers it was given since it last started. As those
/// answers determine what an actor asks next, its program runs only once for each of them. Two things are left out because they cannot show
/// anything new: a state that was reached before with at least as many crashes to come, and other orders of a step that nobody else can see.
/// </remarks>
internal sealed class Exploration(IReadOnlyList<Actor> actors, IPromises promises)
{
    private const int ActorsAtMost = 4;

    private readonly Dictionary<string, int> _storeIds = new(StringComparer.Ordinal);
    private readonly List<StoreState> _stores = [];
    private readonly List<Place> _places = [];
    private readonly Dictionary<(int Store, int Place), (int Store, int Place)> _steps = [];
    private readonly Dictionary<UInt128, Reached> _reached = [];
    private readonly Queue<State> _open = [];
    private readonly HashSet<int> _endStores = [];
    private int[] _starts = [];
    private int[] _dones = [];
    private string? _broken;

    /// <summary>How many crashes one run may have.</summary>
    public int Crashes { get; init; } = 2;

    /// <summary>How many deliveries are worked on at once.</summary>
    public int Evaluators { get; init; } = 2;

    public Explored Run()
    {
        if (actors.Count > ActorsAtMost)
            throw new InvalidOperationException($"At most {ActorsAtMost} actors have room in the key of a state.");
        _dones = [.. actors.Select((_, actor) => AddDone(actor))];
        _starts = [.. actors.Select((_, actor) => Add(new(actor, null, null)))];
        var state = new State(0, Crashes).With(StoreId(StoreState.Empty), 0, _starts[0]);
        for (var i = 1; i < actors.Count; i++)
            state = state.With(state.Store, i, _starts[i]);
        Reach(state, default, -1);
        var ends = 0;
        while (_broken is null && _open.TryDequeue(out state))
        {
            if (!Expand(state))
                continue;
            ends++;
            if (_endStores.Add(state.Store))
                _broken = promises.BrokenAtEnd(_stores[state.Store]);
        }

        return new(_reached.Count, ends, _broken, _broken is null ? [] : ScheduleTo(state.Key));
    }

    /// <returns>Whether all work is done.</returns>
    private bool Expand(State state)
    {
        var (begun, done) = (0, 0);
        for (var i = 0; i < actors.Count; i++)
        {
            var place = _places[state.Place(i)];
            if (place.Waiting is { IsUnseen: true })
            {
                Move(state, i);
                return false;
            }

            done += place.IsDone ? 1 : 0;
            begun += actors[i].Delivery is not null && !place.IsDone && state.Place(i) != _starts[i] ? 1 : 0;
        }

        for (var i = 0; i < actors.Count; i++)
        {
            var waitsForAnEvaluator = actors[i].Delivery is not null && state.Place(i) == _starts[i] && begun == Evaluators;
            if (!_places[state.Place(i)].IsDone && !waitsForAnEvaluator)
                Move(state, i);
        }

        return done == actors.Count;
    }

    /// <summary>An actor's next step, or a crash before it.</summary>
    private void Move(State state, int actor)
    {
        var place = state.Place(actor);
        var (store, next) = Step(state.Store, place);
        Reach(state.With(store, actor, next), state.Key, actor);
        if (state.Crashes > 0 && place != _starts[actor])
            Reach(state.With(state.Store, actor, AfterCrash(state.Store, actor)) with { Crashes = state.Crashes - 1 }, state.Key, actors.Count + actor);
    }

    private void Reach(State state, UInt128 from, int step)
    {
        ref var reached = ref CollectionsMarshal.GetValueRefOrAddDefault(_reached, state.Key, out var before);
        if (before && reached.Crashes >= state.Crashes)
            return;
        reached = new(from, (short)step, (short)state.Crashes);
        _open.Enqueue(state);
    }

    private (int Store, int Place) Step(int store, int place)
    {
        if (_steps.TryGetValue((store, place), out var known))
            return known;
        var (next, answer) = _places[place].Waiting!.Run(_stores[store]);
        return _steps[(store, place)] = (StoreId(next), Follow(place, answer));
    }

    private int Follow(int from, object? answer)
    {
        var place = _places[from];
        var text = Texts.OfAnswer(answer);
        if (!place.Next.TryGetValue(text, out var next))
            place.Next[text] = next = Add(new(place.Actor, place, answer));
        return next;
    }

    private int Add(Place place)
    {
        var run = new PausedRun(actors[place.Actor].Program, place.Given());
        if (run.Waiting is null)
            return run.IsDone ? _dones[place.Actor] : _starts[place.Actor];
        place.Waiting = run.Waiting;
        _places.Add(place);
        return _places.Count - 1;
    }

    private int AfterCrash(int store, int actor) =>
        actors[actor].Delivery is { } delivery && _stores[store].Acknowledged.Contains(delivery) ? _dones[actor] : _starts[actor];

    private int AddDone(int actor)
    {
        _places.Add(new(actor, null, null));
        return _places.Count - 1;
    }

    private int StoreId(StoreState store)
    {
        var text = Texts.Of(store);
        if (_storeIds.TryGetValue(text, out var id))
            return id;
        _stores.Add(store);
        _storeIds.Add(text, _stores.Count - 1);
        _broken ??= promises.BrokenUnderWay(store);
        return _stores.Count - 1;
    }

    private List<string> ScheduleTo(UInt128 key)
    {
        var schedule = new List<string>();
        while (_reached[key] is { Step: >= 0 } reached)
        {
            var actor = reached.Step % actors.Count;
            var place = _places[new State(reached.From, 0).Place(actor)];
            schedule.Insert(0, $"{actors[actor].Name} {(reached.Step < actors.Count ? place.Waiting!.Name : "crashes")}");
            key = reached.From;
        }

        return schedule;
    }

    /// <summary>A store and the places of all actors in one number, 32 bits for the store and 22 for each place; and how many crashes may come.</summary>
    private readonly record struct State(UInt128 Key, int Crashes)
    {
        private const int BitsOfStore = 32;
        private const int BitsOfPlace = 22;
        private const uint AnyPlace = (1u << BitsOfPlace) - 1;

        public int Store => (int)(uint)Key;

        public int Place(int actor) => (int)((uint)(Key >> ShiftOf(actor)) & AnyPlace);

        public State With(int store, int actor, int place) => this with
        {
            Key = (Key & ~(uint.MaxValue | ((UInt128)AnyPlace << ShiftOf(actor)))) | (uint)store | ((UInt128)(uint)place << ShiftOf(actor)),
        };

        private static int ShiftOf(int actor) => BitsOfStore + (actor * BitsOfPlace);
    }

    /// <summary>How a state was reached.</summary>
    private readonly record struct Reached(UInt128 From, short Step, short Crashes);

    /// <summary>Where an actor stands: after which answers.</summary>
    private sealed class Place(int actor, Place? before, object? answer)
    {
        public int Actor => actor;

        public Operation? Waiting { get; set; }

        public bool IsDone => Waiting is null;

        public Dictionary<string, int> Next { get; } = new(StringComparer.Ordinal);

        private Place? Before => before;

        private object? LastAnswer => answer;

        public List<object?> Given()
        {
            var given = new List<object?>();
            for (var place = this; place.Before is { } earlier; place = earlier)
                given.Add(place.LastAnswer);
            given.Reverse();
            return given;
        }
    }
}
