using System.Diagnostics;
using System.Globalization;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

public sealed class KeyPlaceTests : IDisposable
{
    private const string StepsVariable = "CDF_TEST_KEY_STEPS";

    private static readonly CertificateSigner Ca = Make.Ca("Factory");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdf-tests-");

    private string Folder => PathOf("keys");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>
    /// Registrations of a few things by many owners over one folder, each at any moment between taking its place and keeping it, some
    /// killed there, some given up; and while an owner asks the registry, the others go on. CDF_TEST_KEY_STEPS asks for more steps.
    /// </summary>
    [Fact]
    public async Task Whoever_registers_what_and_is_killed_when_every_registered_certificate_has_its_key_in_its_place()
    {
        var steps = int.TryParse(Environment.GetEnvironmentVariable(StepsVariable), CultureInfo.InvariantCulture, out var asked) ? asked : 3_000;
        var seed = Random.Shared.Next();
        var world = new World(Folder, new Random(seed));
        try
        {
            for (var step = 0; step < steps; step++)
            {
                await world.StepAsync();
                if (step % 50 == 0)
                    world.Check();
            }
            world.Check();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
        }
        Assert.True(world.Registered > steps / 100, $"Seed {seed}: only {world.Registered} were registered.");
        Assert.True(world.Refused > 0 && world.Replaced > 0, $"Seed {seed}: {world.Refused} were refused, {world.Replaced} replaced.");
    }

    [Fact]
    public async Task Of_many_who_want_a_place_at_once_one_gets_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var registry = new Registered();
            var name = $"thing-{round}";
            if (round % 2 == 0)
            {
                Directory.CreateDirectory(Folder);
                await File.WriteAllTextAsync(Path.Combine(Folder, name + ".pem"), "", Cancellation);
            }

            var owners = Enumerable.Range(0, 8).Select(_ => KeyDirectory.Open(Folder, "one")).ToList();
            var winners = await Task.WhenAll(owners.Select(keys => Task.Run(async () =>
            {
                var (key, certificate) = Pair();
                try
                {
                    await new KeyPlace(keys, name).TakeAsync(registry, key, certificate.Pem, Cancellation);
                    return certificate.Id;
                }
                catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
                {
                    return null;
                }
            })));

            Assert.Equal(owners[0].Read(name)!.Certificate!.Id, Assert.Single(winners.OfType<string>()));
            owners.ForEach(keys => keys.Dispose());
        }
    }

    /// <summary>Rows of a list are prepared in parallel, and applied in their order: of two rows with the same thing the first counts.</summary>
    [Fact]
    public async Task An_earlier_row_of_a_list_gets_the_place_that_a_later_one_was_quicker_to_take()
    {
        using var keys = KeyDirectory.Open(Folder, "one");
        var (earlier, later) = await TakeOverAsync(keys, new InTransactions());

        Assert.Equal(earlier.Certificate.Id, keys.Read("x")!.Certificate!.Id);
        later.Place.GiveBack();
        Assert.Equal(earlier.Certificate.Id, keys.Read("x")!.Certificate!.Id);
    }

    [Fact]
    public async Task A_later_row_of_a_list_takes_its_place_anew_when_the_earlier_one_was_not_registered()
    {
        using var keys = KeyDirectory.Open(Folder, "one");
        var registry = new InTransactions();
        var (earlier, later) = await TakeOverAsync(keys, registry);
        earlier.Place.GiveBack();

        await later.Place.TakeAsync(registry, later.Key, later.Certificate.Pem, Cancellation);
        later.Place.Keep();

        Assert.Equal(later.Certificate.Id, keys.Read("x")!.Certificate!.Id);
        Assert.Null(keys.Read("x")!.Owner);
    }

    [Fact]
    public async Task The_key_of_another_registry_is_left_alone_and_that_of_a_deleted_device_is_replaced()
    {
        var registry = new Registered();
        using (var first = KeyDirectory.Open(Folder, "one"))
        {
            await RegisterAsync(first, registry, "a");
            await RegisterAsync(first, registry, "b");
        }
        registry.Ids.Clear();
        using (var first = KeyDirectory.Open(Folder, "one"))
            await RegisterAsync(first, registry, "a");

        using var second = KeyDirectory.Open(Folder, "two");
        var refusal = await Assert.ThrowsAsync<CdfException>(async () => await RegisterAsync(second, new Registered(), "a"));
        Assert.Contains("another registry", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(registry.Ids.Single(), second.Read("a")!.Certificate!.Id);
    }

    [Fact]
    public async Task What_is_no_regular_file_is_neither_followed_nor_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither such links nor such pipes.");
        using var keys = KeyDirectory.Open(Folder, "one");
        var victim = PathOf("victim");
        await File.WriteAllTextAsync(victim, "precious", Cancellation);
        File.CreateSymbolicLink(Path.Combine(Folder, "link.pem"), victim);
        File.CreateSymbolicLink(Path.Combine(Folder, "dangling.pem"), PathOf("nowhere"));
        using (var mkfifo = Process.Start("mkfifo", Path.Combine(Folder, "pipe.pem")))
            await mkfifo.WaitForExitAsync(Cancellation);
        Directory.CreateDirectory(Path.Combine(Folder, "folder.pem"));

        foreach (var name in new[] { "link", "dangling", "pipe", "folder" })
        {
            var refusal = await Assert.ThrowsAsync<CdfException>(async () => await RegisterAsync(keys, new Registered(), name));
            Assert.Contains("Move it away", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal("precious", await File.ReadAllTextAsync(victim, Cancellation));
        Assert.False(File.Exists(PathOf("nowhere")));
    }

    [Fact]
    public void A_folder_that_everybody_may_write_to_is_refused_and_one_that_its_group_may_write_to_is_warned_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Directory.CreateDirectory(Folder);
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(Folder, mine | UnixFileMode.OtherWrite);
        var refusal = Assert.Throws<CdfException>(() => KeyDirectory.Open(Folder, "one"));
        Assert.Contains("chmod go-w", refusal.Message, StringComparison.Ordinal);

        File.SetUnixFileMode(Folder, mine | UnixFileMode.GroupWrite);
        using (var keys = KeyDirectory.Open(Folder, "one"))
            Assert.Contains("chmod go-w", keys.Warning, StringComparison.Ordinal);

        File.SetUnixFileMode(Folder, mine);
        using (var keys = KeyDirectory.Open(Folder, "one"))
            Assert.Null(keys.Warning);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("CON")]
    public void A_name_that_leads_elsewhere_is_no_place(string name)
    {
        using var keys = KeyDirectory.Open(Folder, "one");
        Assert.Equal(CdfErrorCode.InvalidRequest, Assert.Throws<CdfException>(() => keys.TryAdd(name, "key", "certificate")).Code);
    }

    [Fact]
    public async Task A_key_whose_certificate_is_not_known_yet_waits_for_it_and_is_not_replaced()
    {
        var registry = new Registered();
        var (key, certificate) = Pair();
        using (var killed = KeyDirectory.Open(Folder, "one"))
            await new KeyPlace(killed, "a").TakeAsync(registry, key, null, Cancellation);
        registry.Issued(certificate);
        using (var other = KeyDirectory.Open(Folder, "one"))
        {
            var refusal = await Assert.ThrowsAsync<CdfException>(async () => await RegisterAsync(other, registry, "a"));
            Assert.Contains(certificate.Id, refusal.Message, StringComparison.Ordinal);
        }

        registry.Ids.Clear();
        using (var other = KeyDirectory.Open(Folder, "one"))
            await RegisterAsync(other, registry, "a");

        using var look = KeyDirectory.Open(Folder, "one");
        Assert.Equal(registry.Ids.Single(), look.Read("a")!.Certificate!.Id);
    }

    [Fact]
    public async Task A_place_that_is_given_back_is_empty_unless_another_has_it_now()
    {
        using var keys = KeyDirectory.Open(Folder, "one");
        var place = new KeyPlace(keys, "a");
        await place.TakeAsync(new Registered(), "-----BEGIN PRIVATE KEY-----\n", null, Cancellation);
        var there = keys.Read("a")!;
        place.GiveBack();
        Assert.Null(keys.Read("a"));

        Assert.True(keys.TryAdd("a", "-----BEGIN PRIVATE KEY-----another\n", null));
        keys.Remove("a", there);
        Assert.Equal("-----BEGIN PRIVATE KEY-----another\n", keys.Read("a")!.Key);
    }

    [Fact]
    public async Task A_key_that_waits_for_its_certificate_is_under_way_without_an_owner_and_is_fulfilled_by_anyone()
    {
        var (key, certificate) = Pair();
        using (var waiting = KeyDirectory.Open(Folder, "one", waits: true))
        {
            Assert.True(waiting.TryAdd("a", key, null));
            Assert.True(waiting.IsMine(waiting.Read("a")!));
        }

        using var keys = KeyDirectory.Open(Folder, "one");
        var there = keys.Read("a")!;
        Assert.True(keys.IsUnderWay(there));
        Assert.False(keys.IsMine(there));
        Assert.Equal(["a"], keys.Names());

        keys.Fulfil("a", there, certificate.Pem);
        Assert.Equal(key + certificate.Pem, await File.ReadAllTextAsync(keys.FileOf("a"), Cancellation));
        Assert.Throws<CdfException>(() => keys.Fulfil("a", there with { Key = Pair().Key }, certificate.Pem));
    }

    [Fact]
    public async Task Keys_that_were_there_before_are_of_no_known_registry()
    {
        Assert.Empty(KeyDirectory.At(Folder, "one").Names());
        using (var keys = KeyDirectory.Open(Folder, "one"))
        {
            await RegisterAsync(keys, new Registered(), "a");
            Assert.True(keys.IsOfThisRegistry(keys.Read("a")!));
        }
        Directory.Delete(Path.Combine(Folder, ".cdf"), recursive: true);

        using var again = KeyDirectory.Open(Folder, "one");
        Assert.False(again.IsOfThisRegistry(again.Read("a")!));
    }

    [Fact]
    public async Task An_empty_file_that_is_taken_is_the_users_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        if (OperatingSystem.IsWindows())
            return;
        using var keys = KeyDirectory.Open(Folder, "one");
        await File.WriteAllTextAsync(keys.FileOf("a"), "", Cancellation);
        File.SetUnixFileMode(keys.FileOf("a"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await RegisterAsync(keys, new Registered(), "a");

        foreach (var file in new[] { keys.FileOf("a"), Path.Combine(Folder, ".cdf", "folder.lock") })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task What_cannot_be_a_folder_of_keys_or_a_key_is_named()
    {
        var file = PathOf("file");
        await File.WriteAllTextAsync(file, "", Cancellation);
        Assert.Contains($"'{file}' is a file", Assert.Throws<CdfException>(() => KeyDirectory.Open(file, "one")).Message, StringComparison.Ordinal);
        Assert.Equal(CdfErrorCode.Unavailable, Assert.Throws<CdfException>(() => KeyDirectory.Open(Path.Combine(file, "keys"), "one")).Code);

        using var keys = KeyDirectory.Open(Folder, "one");
        foreach (var text in new[] { "dear diary", "-----BEGIN PRIVATE KEY-----\nno certificate behind it", new string('x', 65_537), "-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n" })
        {
            await File.WriteAllTextAsync(keys.FileOf("a"), text, Cancellation);
            Assert.Contains("Move it away", Assert.Throws<CdfException>(() => keys.Read("a")).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sensor_1:a-b", "sensor_1:a-b-")]
    [InlineData("CON", "device-")]
    [InlineData("a/b", "device-")]
    [InlineData(null, "device-")]
    public void A_key_may_have_a_name_that_nobody_else_has(string? thing, string begin)
    {
        var name = KeyDirectory.UniqueNameOf(thing);
        Assert.StartsWith(begin, name, StringComparison.Ordinal);
        Assert.NotEqual(name, KeyDirectory.UniqueNameOf(thing));
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static async Task RegisterAsync(KeyDirectory keys, Registered registry, string name)
    {
        var (key, certificate) = Pair();
        var place = new KeyPlace(keys, name);
        await place.TakeAsync(registry, key, null, Cancellation);
        registry.Issued(certificate);
        await place.TakeAsync(registry, key, certificate.Pem, Cancellation);
        place.Keep();
    }

    /// <summary>Two rows with the same thing: the later one is prepared first, the earlier one is applied first.</summary>
    private static async Task<(Contender Earlier, Contender Later)> TakeOverAsync(KeyDirectory keys, InTransactions registry)
    {
        Contender earlier = new(keys), later = new(keys);
        later.Place.TryTake(later.Key, later.Certificate.Pem);
        await earlier.Place.TakeAsync(registry, earlier.Key, earlier.Certificate.Pem, Cancellation);
        return (earlier, later);
    }

    private static (string Key, ParsedCertificate Certificate) Pair()
    {
        var key = DeviceKey.CreateP256();
        var now = DateTimeOffset.UtcNow;
        return (key.PrivateKeyPem, Ca.Issue(new SubjectFields("device").ToName(), key.SubjectPublicKeyInfo, now, now.AddDays(1), IssueProfile.Device));
    }

    /// <summary>A row with the thing 'x', and the key and the certificate that are made for it.</summary>
    private sealed class Contender(KeyDirectory keys)
    {
        private readonly (string Key, ParsedCertificate Certificate) _pair = Pair();

        public KeyPlace Place { get; } = new(keys, "x");

        public string Key => _pair.Key;

        public ParsedCertificate Certificate => _pair.Certificate;
    }

    private sealed class InTransactions : Registered, ITransactionRegistry;

    /// <summary>As much of a registry as key places ask.</summary>
    private class Registered : IDeviceRegistry
    {
        private readonly List<ParsedCertificate> _all = [];

        public HashSet<string> Ids { get; } = [];

        /// <summary>What happens while it is asked.</summary>
        public Func<Task> Meanwhile { get; set; } = () => Task.CompletedTask;

        public void Issued(ParsedCertificate certificate)
        {
            _all.Insert(0, certificate);
            Ids.Add(certificate.Id);
        }

        public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
        {
            await Meanwhile();
            object answer = request switch
            {
                DescribeCertificateRequest { CertificateId: { } id } when Ids.Contains(id) => new DescribeCertificateResponse(Describe(_all.Find(c => c.Id == id)!)),
                DescribeCertificateRequest { CertificateId: { } id } => throw IotErrorType.ResourceNotFound.Error($"no certificate {id}"),
                ListCertificatesRequest => new ListCertificatesResponse([.. _all.Where(c => Ids.Contains(c.Id)).Select(Summary)], null),
                _ => throw new NotSupportedException(request.ToString()),
            };
            return (TResponse)answer;
        }

        public ValueTask DisposeAsync() => default;

        private static CertificateDescription Describe(ParsedCertificate certificate) =>
            new(null, certificate.Id, null, CertificateStatus.Active, certificate.Pem, null, null, null, null, null, null, null, null, null);

        private static Certificate Summary(ParsedCertificate certificate) => new(null, certificate.Id, CertificateStatus.Active, null, DateTimeOffset.UtcNow);
    }

    private sealed class World
    {
        private const int Things = 6;

        private readonly string _folder;
        private readonly Random _random;
        private readonly Registered _registry = new();
        private readonly Dictionary<string, (string Key, ParsedCertificate Certificate)> _registered = [];
        private readonly List<Owner> _owners = [];
        private int _depth;

        public World(string folder, Random random)
        {
            (_folder, _random) = (folder, random);
            _registry.Meanwhile = MeanwhileAsync;
        }

        public int Registered { get; private set; }

        public int Refused { get; private set; }

        public int Replaced { get; private set; }

        public async Task StepAsync()
        {
            switch (_random.Next(12))
            {
                case 0 when _owners.Count < 6:
                    _owners.Add(new Owner(KeyDirectory.Open(_folder, "one")));
                    break;
                case 1 when _owners.Count > 0:
                    Kill(Any(_owners));
                    break;
                case 2 when _registered.Count > 0:
                    Delete(Any([.. _registered.Keys]));
                    break;
                case 3 when _owners.Count > 0:
                    await new KeyPlace(Any(_owners).Keys, $"thing-{_random.Next(Things)}").SettleLeftAsync(_registry, Cancellation);
                    break;
                case < 8 when _owners.Count > 0:
                    await TakeAsync(Any(_owners), $"thing-{_random.Next(Things)}");
                    break;
                case var _ when _owners.Find(o => o.Taken.Count > 0) is { } owner:
                    End(owner, Any(owner.Taken));
                    break;
            }
        }

        public void Check()
        {
            using var look = KeyDirectory.Open(_folder, "one");
            foreach (var (name, (key, certificate)) in _registered)
                Assert.True(look.Read(name) is { } file && file.Key == key && file.Certificate!.Id == certificate.Id, $"The key of {name} is not in its place.");
        }

        private async Task MeanwhileAsync()
        {
            if (_depth >= 2)
                return;
            _depth++;
            for (var steps = _random.Next(4); steps > 0; steps--)
                await StepAsync();
            _depth--;
        }

        private async Task TakeAsync(Owner owner, string name)
        {
            var (key, certificate) = Pair();
            var place = new KeyPlace(owner.Keys, name);
            var stood = File.Exists(place.File);
            try
            {
                if (_random.Next(2) == 0)
                    place.TryTake(key, certificate.Pem);
                await place.TakeAsync(_registry, key, certificate.Pem, Cancellation);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
            {
                Refused++;
                return;
            }
            if (stood)
                Replaced++;
            if (owner.IsKilled)
                return; // between taking and noting it
            owner.Taken.Add((name, place, key, certificate));
        }

        /// <summary>Registers the device and keeps its key, gives it up, or is killed in between.</summary>
        private void End(Owner owner, (string Name, KeyPlace Place, string Key, ParsedCertificate Certificate) taken)
        {
            owner.Taken.Remove(taken);
            if (_random.Next(3) == 0)
            {
                taken.Place.GiveBack();
                return;
            }
            Assert.False(_registered.ContainsKey(taken.Name), $"{taken.Name} was taken though it is registered.");
            _registered[taken.Name] = (taken.Key, taken.Certificate);
            _registry.Issued(taken.Certificate);
            Registered++;
            if (_random.Next(4) == 0)
                Kill(owner);
            else
                taken.Place.Keep();
        }

        private void Kill(Owner owner)
        {
            _owners.Remove(owner);
            owner.Taken.Clear();
            owner.IsKilled = true;
            owner.Keys.Dispose();
        }

        private void Delete(string name)
        {
            _registry.Ids.Remove(_registered[name].Certificate.Id);
            _registered.Remove(name);
        }

        private T Any<T>(List<T> of) => of[_random.Next(of.Count)];

        private sealed class Owner(KeyDirectory keys)
        {
            public KeyDirectory Keys { get; } = keys;

            public List<(string Name, KeyPlace Place, string Key, ParsedCertificate Certificate)> Taken { get; } = [];

            public bool IsKilled { get; set; }
        }
    }
}
