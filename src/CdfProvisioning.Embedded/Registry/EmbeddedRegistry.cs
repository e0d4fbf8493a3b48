using System.Runtime.CompilerServices;
using CdfProvisioning.Certificates;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The embedded registry: AWS IoT's operations over a SQLite file.</summary>
internal sealed class EmbeddedRegistry : ITransactionalRegistry, ICertificateIndex, INameIndex, ISummingRegistry, IConnectionMemory
{
    private readonly Database _database;
    private readonly Arns _arns;
    private readonly RegistrySettings _settings;
    private readonly CaCertificateCache _caCertificates = new();
    private readonly CertificateMaker _maker;
    private readonly ICaKeyStore _caKeys;
    private Func<object, CancellationToken, Task<object>?> _answerAsTask = (_, _) => null;

    public EmbeddedRegistry(Database database, Arns arns, EmbeddedBackendOptions options, ICaKeyStore caKeys)
    {
        _database = database;
        _arns = arns;
        Options = options;
        _caKeys = caKeys;
        _settings = options.Settings ?? new RegistrySettings();
        _maker = new CertificateMaker(new OwnAuthority(database, caKeys, _settings.KeyAlgorithm), _settings.KeyAlgorithm);
    }

    /// <summary>What it was opened with.</summary>
    public EmbeddedBackendOptions Options { get; }

    /// <summary>The registry's time.</summary>
    public TimeProvider Clock => _settings.Clock;

    /// <summary>Where devices can connect to, while there is such a place.</summary>
    public DeviceAddress? DeviceAddress { get; set; }

    /// <summary>The root of the certificates with which servers show themselves to devices, and its key as PEM; made when first asked for.</summary>
    public ValueTask<CertificateSigner> ServerRootAsync(CancellationToken cancellationToken) => ServerRoot.GetAsync(_database, _caKeys, cancellationToken);

    /// <summary>A key pair and its certificate, which is not registered yet.</summary>
    public ValueTask<MadeCertificate> MakeKeysAsync(CancellationToken cancellationToken) => _maker.CreateKeysAsync(cancellationToken);

    /// <summary>A certificate for a CSR, which is not registered yet.</summary>
    /// <exception cref="CdfException">InvalidRequest: the CSR is refused.</exception>
    public ValueTask<MadeCertificate> MakeFromCsrAsync(string csr, CancellationToken cancellationToken) => _maker.CreateFromCsrAsync(csr, cancellationToken);

    /// <summary>Reads one state of the registry, at once.</summary>
    public T Read<T>(Func<Scope, T> read) => _database.Read(session => read(ScopeOf(session)));

    /// <summary>Changes the registry in a transaction.</summary>
    public ValueTask<T> WriteAsync<T>(Func<Scope, T> write, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => write(ScopeOf(session)), cancellationToken);

    /// <summary>Notices what any process changes.</summary>
    public ChangeWatch Watch() => _database.Watch();

    /// <summary>The registry within a transaction of its file.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="origin">The row of a list that what is registered comes from.</param>
    public TransactionRegistry Over(Session session, ListRow? origin = null) => new(ScopeOf(session, origin), _maker);

    /// <summary>Thing registration tasks run on the list engine, which itself runs on this registry.</summary>
    public void ServeTasks(Func<object, CancellationToken, Task<object>?> answer) => _answerAsTask = answer;

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        IotModel.Check(request);
        if (_answerAsTask(request, cancellationToken) is { } answer)
            return (TResponse)await answer;

        var operation = RegistryOperations.Of(request);
        if (!operation.Changes)
            return await _database.ReadAsync(session => operation.Run(ScopeOf(session), request), cancellationToken);

        var prepared = await operation.PrepareAsync(request, _maker, cancellationToken);
        return await _database.WriteAsync(session => RegistryOperations.Of(prepared).Run(ScopeOf(session), prepared), cancellationToken);
    }

    public ValueTask<IIotRequest<TResponse>> PrepareAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) =>
        RegistryOperations.Of(request).PrepareAsync(request, _maker, cancellationToken);

    public ValueTask<T> ReadAsync<T>(Func<IDeviceRegistry, ValueTask<T>> read, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => TransactionRegistry.Completed(read(new TransactionRegistry(ScopeOf(session, lastRead: new())))), cancellationToken);

    public async ValueTask<T> TransactAsync<T>(Func<IDeviceRegistry, ValueTask<T>> work, CancellationToken cancellationToken) =>
        await _database.WriteAsync(session => TransactionRegistry.Completed(work(Over(session))), cancellationToken);

    public async ValueTask<(int End, CdfException? Failure)> TransactEachAsync<T>(
        IReadOnlyList<T> items, int first, Func<IDeviceRegistry, T, ValueTask> work, CancellationToken cancellationToken) => await _database.WriteAsync(
        session =>
        {
            for (var i = first; i < items.Count; i++)
            {
                if (i > first && cancellationToken.IsCancellationRequested)
                    return (i, null);
                try
                {
                    session.Attempt(_ => TransactionRegistry.Completed(CompletedAsync(work(Over(session), items[i]))));
                }
                catch (CdfException e) when (session.Failure is null)
                {
                    return (i, e);
                }
            }

            return (items.Count, (CdfException?)null);
        },
        cancellationToken);

    public async IAsyncEnumerable<string> FindNamesAsync(NamedResource resource, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var spelling in await _database.ReadAsync(session => NameIndex.Spellings(session, resource, prefix), cancellationToken))
        {
            IReadOnlyList<string>? page = null;
            do
            {
                var after = page?[^1];
                page = await _database.ReadAsync(session => NameIndex.Read(session, resource, spelling, after), cancellationToken);
                foreach (var name in page)
                    yield return name;
            }
            while (NameIndex.IsFull(page));
        }
    }

    public async IAsyncEnumerable<string> FindCertificatesAsync(CertificateFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CertificateIndex.Position? position = null;
        do
        {
            var (ids, next) = await _database.ReadAsync(session => CertificateIndex.Read(session, filter, position), cancellationToken);
            foreach (var id in ids)
                yield return id;
            position = next;
        }
        while (position is not null);
    }

    /// <summary>A million things take seconds to sum, for which no caller waits who has given up.</summary>
    public async ValueTask<FleetTotals> SumAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await Task.Run(() => _database.Read(session => RegistrySums.Sum(session, now, cancellationToken)), cancellationToken).WaitAsync(cancellationToken);

    public ValueTask<DateTimeOffset?> FindLastConnectedAsync(string certificateId, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => CertificateConnections.Find(session, certificateId), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _maker.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async ValueTask<bool> CompletedAsync(ValueTask work)
    {
        await work;
        return true;
    }

    private Scope ScopeOf(Session session, ListRow? origin = null, LastRead? lastRead = null) =>
        new(session, _arns, _settings, _caCertificates) { Origin = origin, DeviceAddress = DeviceAddress, LastRead = lastRead };
}
