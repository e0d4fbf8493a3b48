using System.Runtime.CompilerServices;

namespace CdfProvisioning.Iot;

/// <summary>AWS IoT's paged listings as streams, and several operations as one where the registry can.</summary>
internal static class RegistryQueries
{
    /// <summary>How many calls of one operation are under way together: about a second of AWS's usual quotas.</summary>
    private const int AtOnce = 10;

    public static IAsyncEnumerable<ThingAttribute> ThingsAsync(
        this IDeviceRegistry registry, string? thingType, KeyValuePair<string, string>? attribute, CancellationToken cancellationToken) => PagesAsync(
        registry,
        token => new ListThingsRequest(NextToken: token, MaxResults: 250, AttributeName: attribute?.Key, AttributeValue: attribute?.Value, ThingTypeName: thingType),
        r => (r.Things, r.NextToken),
        cancellationToken);

    public static IAsyncEnumerable<string> ThingsInGroupAsync(this IDeviceRegistry registry, string group, bool recursive, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingsInThingGroupRequest(group, recursive ? true : null, token, 250), r => (r.Things, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<string> PrincipalsAsync(this IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingPrincipalsRequest(thingName, token), r => (r.Principals, r.NextToken), cancellationToken);

    /// <summary>The same, with how each is attached.</summary>
    public static IAsyncEnumerable<ThingPrincipalObject> PrincipalObjectsAsync(this IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingPrincipalsV2Request(thingName, token), r => (r.ThingPrincipalObjects, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<GroupNameAndArn> GroupsOfThingAsync(this IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingGroupsForThingRequest(thingName, token), r => (r.ThingGroups, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<GroupNameAndArn> ThingGroupsAsync(this IDeviceRegistry registry, string? namePrefix, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingGroupsRequest(token, 250, NamePrefixFilter: namePrefix), r => (r.ThingGroups, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<ThingTypeDefinition> ThingTypesAsync(this IDeviceRegistry registry, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingTypesRequest(token, 250), r => (r.ThingTypes, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<Policy> PoliciesAsync(this IDeviceRegistry registry, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListPoliciesRequest(token, 250, AscendingOrder: true), r => (r.Policies, r.NextMarker), cancellationToken);

    public static IAsyncEnumerable<Policy> AttachedPoliciesAsync(this IDeviceRegistry registry, string target, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListAttachedPoliciesRequest(target, Marker: token, PageSize: 250), r => (r.Policies, r.NextMarker), cancellationToken);

    public static IAsyncEnumerable<string> TargetsOfPolicyAsync(this IDeviceRegistry registry, string policyName, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListTargetsForPolicyRequest(policyName, token, 250), r => (r.Targets, r.NextMarker), cancellationToken);

    public static IAsyncEnumerable<string> ThingsOfPrincipalAsync(this IDeviceRegistry registry, string principal, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListPrincipalThingsRequest(principal, token, 250), r => (r.Things, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<PrincipalThingObject> PrincipalThingsAsync(this IDeviceRegistry registry, string principal, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListPrincipalThingsV2Request(principal, token, 250), r => (r.PrincipalThingObjects, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<ProvisioningTemplateSummary> ProvisioningTemplatesAsync(this IDeviceRegistry registry, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListProvisioningTemplatesRequest(250, token), r => (r.Templates, r.NextToken), cancellationToken);

    /// <summary>Newest first.</summary>
    public static IAsyncEnumerable<Certificate> CertificatesAsync(this IDeviceRegistry registry, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListCertificatesRequest(250, token, AscendingOrder: false), r => (r.Certificates, r.NextMarker), cancellationToken);

    public static IAsyncEnumerable<Certificate> CertificatesByCAAsync(this IDeviceRegistry registry, string caId, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListCertificatesByCARequest(caId, 250, token, AscendingOrder: true), r => (r.Certificates, r.NextMarker), cancellationToken);

    public static IAsyncEnumerable<GroupNameAndArn> BillingGroupsAsync(this IDeviceRegistry registry, string? namePrefix, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListBillingGroupsRequest(token, 250, namePrefix), r => (r.BillingGroups, r.NextToken), cancellationToken);

    public static IAsyncEnumerable<CaCertificate> CaCertificatesAsync(this IDeviceRegistry registry, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListCACertificatesRequest(250, token, AscendingOrder: true), r => (r.Certificates, r.NextMarker), cancellationToken);

    public static IAsyncEnumerable<Certificate> CertificatesOfCaAsync(this IDeviceRegistry registry, string caId, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListCertificatesByCARequest(caId, 250, token), r => (r.Certificates, r.NextMarker), cancellationToken);

    /// <summary>The things that a query of the index finds, in AWS IoT's query syntax.</summary>
    public static IAsyncEnumerable<ThingDocument> SearchThingsAsync(this IDeviceRegistry registry, string query, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new SearchIndexRequest(query, NextToken: token), r => (r.Things, r.NextToken), cancellationToken);

    /// <summary>The names of resources of which those that begin with a prefix, in any case, are wanted: no others where the registry finds them by it, else all.</summary>
    public static IAsyncEnumerable<string> NamesAsync(this IDeviceRegistry registry, NamedResource resource, string prefix, CancellationToken cancellationToken) =>
        prefix.Length > 0 && registry is INameIndex index ? index.FindNamesAsync(resource, prefix, cancellationToken) : resource switch
        {
            NamedResource.Thing => registry.ThingsAsync(thingType: null, attribute: null, cancellationToken).Select(thing => thing.ThingName!),
            NamedResource.ThingGroup => registry.ThingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!),
            NamedResource.ThingType => registry.ThingTypesAsync(cancellationToken).Select(type => type.ThingTypeName!),
            _ => registry.PoliciesAsync(cancellationToken).Select(policy => policy.PolicyName!),
        };

    /// <summary>The tags of a resource; none where the caller may not read them.</summary>
    public static async ValueTask<IReadOnlyDictionary<string, string>> TagsAsync(this IDeviceRegistry registry, string? arn, CancellationToken cancellationToken)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (arn is not null)
                await foreach (var tag in PagesAsync(registry, token => new ListTagsForResourceRequest(arn, token), r => (r.Tags, r.NextToken), cancellationToken))
                    tags[tag.Key] = tag.Value ?? "";
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.AccessDenied)
        {
        }

        return tags;
    }

    /// <summary>Tags as a request has them; null for none.</summary>
    public static IReadOnlyList<Tag>? ToTags(this IReadOnlyDictionary<string, string>? tags) =>
        tags is null or { Count: 0 } ? null : [.. tags.Select(tag => new Tag(tag.Key, tag.Value))];

    /// <summary>AWS's ids of the thing registration tasks in a state, or of all that it still knows.</summary>
    public static IAsyncEnumerable<string> ThingRegistrationTaskIdsAsync(this IDeviceRegistry registry, string? status, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingRegistrationTasksRequest(token, Status: status), r => (r.TaskIds, r.NextToken), cancellationToken);

    /// <summary>Links to the reports of a thing registration task.</summary>
    public static IAsyncEnumerable<string> ThingRegistrationTaskReportsAsync(
        this IDeviceRegistry registry, string taskId, string reportType, CancellationToken cancellationToken) =>
        PagesAsync(registry, token => new ListThingRegistrationTaskReportsRequest(taskId, reportType, token), r => (r.ResourceLinks, r.NextToken), cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a transaction, or, against a registry that has none, just runs it.</summary>
    public static ValueTask<T> AsOneAsync<T>(this IDeviceRegistry registry, Func<IDeviceRegistry, ValueTask<T>> work, CancellationToken cancellationToken) =>
        registry is ITransactionalRegistry transactional ? transactional.TransactAsync(work, cancellationToken) : work(registry);

    /// <summary>Runs <paramref name="read"/> on one state of the registry, or, against a registry that cannot hold still, just runs it.</summary>
    public static ValueTask<T> ReadAsOneAsync<T>(this IDeviceRegistry registry, Func<IDeviceRegistry, ValueTask<T>> read, CancellationToken cancellationToken) =>
        registry is ITransactionalRegistry transactional ? transactional.ReadAsync(read, cancellationToken) : read(registry);

    /// <summary>
    /// Changes one item after the other: in one transaction, if the registry has them, up to the first that fails; else several at once.
    /// Of an item that fails, a transaction leaves nothing.
    /// </summary>
    /// <returns>Each item, in their order, once its change is kept, or with the reason why it failed.</returns>
    public static async IAsyncEnumerable<(T Item, CdfException? Failure)> ChangeEachAsync<T>(
        this IDeviceRegistry registry, IReadOnlyList<T> items, Func<IDeviceRegistry, T, ValueTask> change, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (registry is ITransactionalRegistry transactional)
        {
            for (var next = 0; next < items.Count; next++)
            {
                var (end, failure) = await transactional.TransactEachAsync(items, next, change, cancellationToken);
                for (; next < end; next++)
                    yield return (items[next], null);
                if (failure is not null)
                    yield return (items[next], failure);
                else if (next < items.Count)
                    throw new OperationCanceledException(cancellationToken);
            }

            yield break;
        }

        var underWay = new Queue<(T Item, Task<CdfException?> Change)>();
        try
        {
            foreach (var item in items)
            {
                underWay.Enqueue((item, TryAsync(change(registry, item))));
                if (underWay.Count == AtOnce && underWay.Dequeue() is var first)
                    yield return (first.Item, await first.Change);
            }

            while (underWay.TryDequeue(out var next))
                yield return (next.Item, await next.Change);
        }
        finally
        {
            await Task.WhenAll(underWay.Select(Task (next) => next.Change)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<CdfException?> TryAsync(ValueTask change)
    {
        try
        {
            await change;
            return null;
        }
        catch (CdfException e)
        {
            return e;
        }
    }

    public static ValueTask<DescribeThingResponse?> FindThingAsync(this IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) =>
        FindAsync(registry, new DescribeThingRequest(thingName), cancellationToken);

    public static ValueTask<GetPolicyResponse?> FindPolicyAsync(this IDeviceRegistry registry, string policyName, CancellationToken cancellationToken) =>
        FindAsync(registry, new GetPolicyRequest(policyName), cancellationToken);

    public static async ValueTask<CertificateDescription?> FindCertificateAsync(this IDeviceRegistry registry, string certificateId, CancellationToken cancellationToken) =>
        (await FindAsync(registry, new DescribeCertificateRequest(certificateId), cancellationToken))?.CertificateDescription;

    /// <summary>The answer, or null if there is no such resource.</summary>
    public static async ValueTask<T?> FindAsync<T>(this IDeviceRegistry registry, IIotRequest<T> request, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await registry.InvokeAsync(request, cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Puts a thing into a billing group, or out of its own. It can be in one only, and has to leave that first.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="thing">The thing as it is.</param>
    /// <param name="billingGroup">The group; none if null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">NotFound: there is no such group, and the thing stays in its own.</exception>
    public static async ValueTask SetBillingGroupAsync(this IDeviceRegistry registry, DescribeThingResponse thing, string? billingGroup, CancellationToken cancellationToken)
    {
        if (thing.BillingGroupName == billingGroup)
            return;
        if (billingGroup is not null)
            await registry.InvokeAsync(new DescribeBillingGroupRequest(billingGroup), cancellationToken);
        if (thing.BillingGroupName is { } present)
            await registry.InvokeAsync(new RemoveThingFromBillingGroupRequest(present, ThingName: thing.ThingName), cancellationToken);
        if (billingGroup is not null)
            await registry.InvokeAsync(new AddThingToBillingGroupRequest(billingGroup, ThingName: thing.ThingName), cancellationToken);
    }

    /// <summary>Prepares a request that a transaction will invoke; against a registry that has none, there is nothing to prepare.</summary>
    public static ValueTask<IIotRequest<T>> PrepareIfTransactionalAsync<T>(this IDeviceRegistry registry, IIotRequest<T> request, CancellationToken cancellationToken) =>
        registry is ITransactionalRegistry transactional ? transactional.PrepareAsync(request, cancellationToken) : new(request);

    /// <summary>Reads several things, in their order; over a network several at once.</summary>
    public static async ValueTask<TResult[]> ReadAtOnceAsync<T, TResult>(
        this IDeviceRegistry registry, IReadOnlyList<T> items, Func<IDeviceRegistry, T, CancellationToken, ValueTask<TResult>> read, CancellationToken cancellationToken)
    {
        var results = new TResult[items.Count];
        if (registry is ITransactionRegistry)
        {
            for (var i = 0; i < items.Count; i++)
                results[i] = await read(registry, items[i], cancellationToken);
            return results;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, items.Count, options, async (i, token) => results[i] = await read(registry, items[i], token));
        return results;
    }

    private static async IAsyncEnumerable<TItem> PagesAsync<TResponse, TItem>(
        IDeviceRegistry registry,
        Func<string?, IIotRequest<TResponse>> request,
        Func<TResponse, (IReadOnlyList<TItem>? Items, string? NextToken)> page,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            (var items, token) = page(await registry.InvokeAsync(request(token), cancellationToken));
            foreach (var item in items ?? [])
                yield return item;
        }
        while (!string.IsNullOrEmpty(token));
    }
}
